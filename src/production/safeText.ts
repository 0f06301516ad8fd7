/**
 * MAC addresses (but for twelve decimal digits, which may be a number), their hashes, and keys: an answer from outside, which is
 * told with the failure that it explains, may repeat what was sent.
 */
const PRIVATE =
  /(?<![0-9a-f])(?:[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}|[0-9a-f]{12}(?<!\d{12})(?<!-[0-9a-f]{12})|[0-9a-f]{64})(?![0-9a-f])|\b(?:nsit|sb_secret)_[\w-]+|\beyJ[\w-]+\.[\w.-]+/gi;

/** What ends a line, moves the cursor, colours, or turns the direction of writing. */
const CONTROLS = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const escaped = (control: string): string =>
  `\\u${(control.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/** One line for a log or a screen of text that may come from anywhere: no controls, nothing private. */
export const safeText = (text: string): string =>
  text.replace(CONTROLS, escaped).replace(PRIVATE, '…');
