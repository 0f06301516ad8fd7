import type { Point } from './floorPlan.ts';

/** Where a horizontal line cuts a convex polygon: its left and right end. */
export const extentAt = (polygon: ReadonlyArray<Point>, y: number): readonly [number, number] => {
  const xs = polygon.flatMap((a, index) => {
    const b = polygon[(index + 1) % polygon.length] ?? a;
    if (a.y > y === b.y > y) return [];
    return [a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)];
  });
  return xs.length === 0 ? [0, 0] : [Math.min(...xs), Math.max(...xs)];
};

const WIDE = /[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]/u;

/** How wide a text will be, roughly, for a font of this size: CJK letters are square. */
export const textWidth = (text: string, fontPx: number): number =>
  [...text].reduce((sum, letter) => sum + (WIDE.test(letter) ? 0.96 : 0.56), 0) * fontPx;

/**
 * A name in at most two lines that fit into `room` pixels, broken at its spaces; nothing where it
 * does not fit.
 */
export const linesFor = (
  name: string,
  room: number,
  fontPx: number,
): ReadonlyArray<string> | undefined => {
  const fits = (text: string) => textWidth(text, fontPx) <= room;
  if (fits(name)) return [name];
  const words = name.split(' ');
  const breaks = words
    .slice(1)
    .map((_, index) => [words.slice(0, index + 1).join(' '), words.slice(index + 1).join(' ')]);
  return breaks.find((lines) => lines.every(fits));
};

/** A text cut to `room` pixels, with an ellipsis where something is missing. */
export const shortened = (text: string, room: number, fontPx: number): string => {
  if (textWidth(text, fontPx) <= room) return text;
  const letters = [...text];
  while (letters.length > 1 && textWidth(`${letters.join('')}…`, fontPx) > room) letters.pop();
  return `${letters.join('').trimEnd()}…`;
};
