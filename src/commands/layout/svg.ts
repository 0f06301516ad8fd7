type Attributes = Readonly<Record<string, string | number>>;

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** Hundredths of a pixel are enough. */
const value = (of: string | number): string =>
  typeof of === 'number' ? String(Math.round(of * 100) / 100) : escaped(of);

/** An SVG element around `inner`, which is markup already. */
export const tag = (name: string, attributes: Attributes, inner = ''): string => {
  const all = Object.entries(attributes).map(([key, of]) => ` ${key}="${value(of)}"`);
  return inner === '' ? `<${name}${all.join('')}/>` : `<${name}${all.join('')}>${inner}</${name}>`;
};

/** A line of text; whatever it holds is shown as it is. */
export const text = (x: number, y: number, said: string, attributes: Attributes = {}): string =>
  tag('text', { x, y, ...attributes }, escaped(said));

/** A document of that size, white, with the system's letters; `title` for who cannot see it. */
export const svg = (
  width: number,
  height: number,
  title: string,
  parts: ReadonlyArray<string>,
): string =>
  `${tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${value(width)} ${value(height)}`,
      width,
      height,
      'font-family': 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
      'font-size': 12,
      fill: INK,
    },
    `\n${[tag('title', {}, escaped(title)), tag('rect', { width, height, fill: '#fff' }), ...parts].join('\n')}\n`,
  )}\n`;

export const INK = '#1c2430';
export const MUTED = '#5b6675';
export const LINE = '#ffffff';
export const SENSOR = '#c2410c';

/** From pale to strong blue, 0…1. */
export const shade = (share: number): string => {
  const t = Math.min(Math.max(share, 0), 1);
  const mix = (pale: number, strong: number): number => Math.round(pale + (strong - pale) * t);
  return `rgb(${mix(236, 45)},${mix(242, 108)},${mix(250, 192)})`;
};
