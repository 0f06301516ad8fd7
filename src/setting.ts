import * as t from 'io-ts';

/** Settings arrive as text; an empty one counts as not given. */
export type Setting<A> = t.Type<A, unknown, unknown>;

/** What `read` gives undefined for is answered with `advice`. */
export const reading = <A>(
  name: string,
  read: (text: string) => A | undefined,
  advice: string,
): Setting<A> =>
  new t.Type<A, unknown, unknown>(
    name,
    (_value): _value is A => true,
    (input, context) => {
      const value = typeof input === 'string' ? read(input.trim()) : undefined;
      return value === undefined ? t.failure(input, context, advice) : t.success(value);
    },
    t.identity,
  );

/** Any text. */
export const text: Setting<string> = reading('text', (input) => input, 'give a text');

/** A number of `unit` from `least` to `most`. */
export const amount = (unit: string, least: number, most: number): Setting<number> =>
  reading(
    unit,
    (input) => {
      const value = Number(input);
      return value >= least && value <= most ? value : undefined;
    },
    `give ${unit} from ${least} to ${most}`,
  );

export const whole = (unit: string, least: number, most: number): Setting<number> =>
  reading(
    unit,
    (input) => {
      const value = Number(input);
      return Number.isInteger(value) && value >= least && value <= most ? value : undefined;
    },
    `give a whole number of ${unit} from ${least} to ${most}`,
  );

export const flag: Setting<boolean> = reading(
  'flag',
  (input) => ({ true: true, '1': true, false: false, '0': false })[input.toLowerCase()],
  'give true or false',
);

export const oneOf = <A extends string>(...choices: ReadonlyArray<A>): Setting<A> =>
  reading(
    'choice',
    (input) => choices.find((choice) => choice === input.toLowerCase()),
    `give one of ${choices.join(', ')}`,
  );

export const matching = (pattern: RegExp, advice: string): Setting<string> =>
  reading('text', (input) => (pattern.test(input) ? input : undefined), advice);

/** A URL of one of the protocols. */
export const url = (...protocols: ReadonlyArray<string>): Setting<string> =>
  reading(
    'url',
    (input) =>
      URL.canParse(input) && protocols.includes(new URL(input).protocol) ? input : undefined,
    `give a URL such as ${protocols[0]}//host`,
  );

const isAbsent = (input: unknown): boolean =>
  input === undefined || (typeof input === 'string' && input.trim() === '');

export const withDefault = <A>(setting: Setting<A>, absent: A): Setting<A> =>
  new t.Type<A, unknown, unknown>(
    setting.name,
    setting.is,
    (input, context) => (isAbsent(input) ? t.success(absent) : setting.validate(input, context)),
    t.identity,
  );

export const optional = <A>(setting: Setting<A>): Setting<A | undefined> =>
  new t.Type<A | undefined, unknown, unknown>(
    setting.name,
    (value): value is A | undefined => value === undefined || setting.is(value),
    (input, context) => (isAbsent(input) ? t.success(undefined) : setting.validate(input, context)),
    t.identity,
  );
