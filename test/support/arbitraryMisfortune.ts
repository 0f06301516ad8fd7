import fc from 'fast-check';
import type { DiskFault } from '../simulation/fakeDisk.ts';
import type { Manner } from './mortalProcesses.ts';

/** How many histories a model test plays; MODEL_RUNS=10000 makes it play more. */
export const MODEL_RUNS = Number(process.env['MODEL_RUNS'] ?? 250);

/** For good, until there is another one, or none. */
export interface Fault {
  readonly _tag: 'Fault';
  readonly fault: DiskFault | undefined;
}

/** So many steps of the disk from now; at once with 0. */
export interface Death {
  readonly _tag: 'Death';
  readonly steps: number;
  readonly manner: Manner;
}

/** A day passes: files are rotated. */
export interface Midnight {
  readonly _tag: 'Midnight';
}

export const DAY_MS = 86_400_000;

/** The constant, as the tag that it is. */
export const tagged = <A extends string>(tag: A): fc.Arbitrary<A> => fc.constant(tag);

export const fault: fc.Arbitrary<Fault> = fc.record({
  _tag: tagged('Fault'),
  fault: fc.constantFrom<DiskFault | undefined>(undefined, undefined, 'full', 'failing'),
});

export const death = (mostSteps: number): fc.Arbitrary<Death> =>
  fc.record({
    _tag: tagged('Death'),
    steps: fc.integer({ min: 0, max: mostSteps }),
    manner: fc.constantFrom<Manner>('kill', 'power'),
  });

export const midnight: fc.Arbitrary<Midnight> = fc.record({ _tag: tagged('Midnight') });

/** Rotated with every other line, now and then, by the day only. */
export const maxBytes: fc.Arbitrary<number> = fc.constantFrom(150, 600, 1e9);
