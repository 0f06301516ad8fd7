import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';

/** What the fuzz tests try together by default; FUZZ_RUNS=1000000 makes each try ten times as much. */
const USUAL_RUNS = 100_000;
const scale = Number(process.env['FUZZ_RUNS'] ?? USUAL_RUNS) / USUAL_RUNS;
const seed = Number(process.env['FUZZ_SEED']);

/**
 * fast-check's parameters for `runs` of the usual 100,000. A failure prints its seed; FUZZ_SEED plays
 * it again.
 */
export const fuzzing = (runs: number): { readonly numRuns: number; readonly seed?: number } => ({
  numRuns: Math.ceil(runs * scale),
  ...(process.env['FUZZ_SEED'] !== undefined && { seed }),
});

const nested = (open: string, close: string, depth: number): string =>
  open.repeat(depth) + close.repeat(depth);

/** Pieces of text that have broken parsers, validators, logs and databases. */
export const NASTY: ReadonlyArray<string> = [
  ...['{', '}', '[', ']', ',', ':', '"', '\\', 'null', 'true', '""', '{}', '[]', '[[]]', ' '],
  ...['NaN', 'Infinity', '-Infinity', '1e999', '-1e999', '-0', '1e-999', '9007199254740993', '-61'],
  ...['9'.repeat(400), '0x1F', '1740000000', '1740000000500', '"1740000000"', '-1', '"-61"'],
  ...['"__proto__":{"rssi":-1}', '"constructor":{"prototype":{"polluted":1}}', '"toString":1'],
  ...['"__proto__"', '"hasOwnProperty"', '"rssi":-61', '"rssi":42', '"ts":null', '"length":1e9'],
  ...[
    '"\\u0000"',
    '"\\ud800"',
    '"\\udfff\\ud800"',
    '\u0000',
    '\u001b[2J',
    '\r\n',
    '\u2028',
    '\ufeff',
  ],
  ...['"\'; drop table visits; --"', '"$1"', '"%s%n"', '"../../etc/passwd"', '"<script>"'],
  ...['"\\n2026-01-01 error forged line"', '"a8:76:50:e9:28:20"', '"A876.50E9.2820"', '"é́\u202e"'],
  ...[nested('[', ']', 300), nested('{"a":', '}', 300), `"${'x'.repeat(3_000)}"`],
];

type Edit = readonly [at: number, kind: number, piece: string, byte: number];

const edits: fc.Arbitrary<ReadonlyArray<Edit>> = fc.array(
  fc.tuple(fc.nat(), fc.nat(4), fc.constantFrom(...NASTY), fc.nat(255)),
  { minLength: 1, maxLength: 4 },
);

const edited = (bytes: Buffer, [where, kind, piece, byte]: Edit): Buffer => {
  const at = where % (bytes.length + 1);
  const to = Math.min(bytes.length, at + 1 + (byte % 24));
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (kind) {
    case 0:
      return Buffer.concat([before, Uint8Array.of(byte), after.subarray(1)]);
    case 1:
      return Buffer.concat([before, Buffer.from(piece), after]);
    case 2:
      return Buffer.concat([before, bytes.subarray(to)]);
    case 3:
      return Buffer.concat([before, bytes.subarray(at, to), after]);
    default:
      return before;
  }
};

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** A raw piece of text in the place of some value, at any depth. */
const replaced = (sample: string, where: number, piece: string): string => {
  const root: Node = { root: JSON.parse(sample) };
  let [at, rest]: [Node, number] = [root, where];
  for (;;) {
    const keys = Object.keys(at);
    const key = keys[rest % keys.length] ?? 'added';
    rest = Math.floor(rest / Math.max(1, keys.length));
    const inner = at[key];
    if (!isNode(inner) || (at !== root && rest % 3 === 0)) {
      at[key] = '@@here@@';
      return JSON.stringify(root['root']).replace('"@@here@@"', () => piece);
    }
    at = inner;
  }
};

const isJson = (text: string): boolean => {
  try {
    return isNode(JSON.parse(text));
  } catch {
    return false;
  }
};

/** Samples with bytes and values exchanged, soups of nasty pieces, and noise. */
export const hostileBytes = (samples: ReadonlyArray<string>): fc.Arbitrary<Uint8Array> => {
  const sample = fc.constantFrom(...samples);
  const structured = samples.filter(isJson);
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(sample, edits)
        .map(([text, changes]) => changes.reduce(edited, Buffer.from(text))),
    },
    {
      weight: structured.length === 0 ? 0 : 4,
      arbitrary: fc
        .tuple(fc.constantFrom(...structured, '{}'), fc.nat(), fc.constantFrom(...NASTY))
        .map(([text, where, piece]) => Buffer.from(replaced(text, where, piece))),
    },
    fc
      .array(fc.constantFrom(...NASTY), { maxLength: 12 })
      .map((pieces) => Buffer.from(pieces.join(''))),
    fc.uint8Array({ maxLength: 64 }),
  );
};

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Bytes that are in use once what is not needed is gone. */
export const heapInUse = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

/** Nothing may be left of any number of inputs but what caches and the tests' own machinery need. */
export const FLAT_BYTES = 40 * 1024 * 1024;
