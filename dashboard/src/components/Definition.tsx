import { type CSSProperties, useCallback, useEffect, useId, useRef, useState } from 'react';
import { useWords } from '../i18n/context.tsx';

const WIDTH = 264;
const EDGE = 8;

/** Below the button, or above where there is no room, and always within the window. */
const placeFor = (button: DOMRect): CSSProperties => {
  const width = Math.min(WIDTH, window.innerWidth - 2 * EDGE);
  const middle = button.left + button.width / 2 - width / 2;
  const left = Math.max(EDGE, Math.min(middle, window.innerWidth - width - EDGE));
  const isLow = button.bottom > window.innerHeight - 160;
  return isLow
    ? { left, width, bottom: window.innerHeight - button.top + 6 }
    : { left, width, top: button.bottom + 6 };
};

interface DefinitionProps {
  readonly name: string;
  readonly text: string;
}

/** What a figure means, one hover, tap or focus away; Escape closes it. */
export const Definition = ({ name, text }: DefinitionProps) => {
  const { t } = useWords();
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [place, setPlace] = useState<CSSProperties>();
  const open = () => button.current && setPlace(placeFor(button.current.getBoundingClientRect()));
  const close = useCallback(() => setPlace(undefined), []);
  useEffect(() => {
    if (place === undefined) return undefined;
    const onKey = ({ key }: KeyboardEvent) => key === 'Escape' && close();
    document.addEventListener('keydown', onKey);
    window.addEventListener('scroll', close, true);
    return () => {
      document.removeEventListener('keydown', onKey);
      window.removeEventListener('scroll', close, true);
    };
  }, [place, close]);
  return (
    <span className="definition" onPointerLeave={close}>
      <button
        ref={button}
        type="button"
        className="definition-button"
        aria-label={t('figure.definition', { name })}
        aria-describedby={id}
        aria-expanded={place !== undefined}
        onPointerEnter={open}
        onFocus={open}
        onBlur={close}
        onClick={open}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <circle cx="8" cy="8" r="6.6" />
          <path d="M8 7.3v4M8 4.7v.1" />
        </svg>
      </button>
      <span id={id} role="tooltip" className="definition-text" style={place} hidden={!place}>
        {text}
      </span>
    </span>
  );
};
