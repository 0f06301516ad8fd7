import { interval, map, NEVER, take, takeUntil, timer } from 'rxjs';
import { ReplayClock } from '../../../src/production/replayClock.ts';

const START_MS = 1_581_249_732_941;

it('begins at the recording, and jumps from moment to moment without waiting', async () => {
  const clock = new ReplayClock(START_MS);
  const at: number[] = [];
  const work = interval(3_600_000, clock)
    .pipe(
      take(24),
      map(() => clock.now()),
    )
    .subscribe((now) => at.push(now));
  const startedAt = Date.now();
  await clock.run(work, 600_000, () => {});
  expect(at).toEqual(Array.from({ length: 24 }, (_, hour) => START_MS + (hour + 1) * 3_600_000));
  expect(Date.now() - startedAt).toBeLessThan(5_000);
});

it('tells of every slice, and lets the process breathe between them', async () => {
  const clock = new ReplayClock(0);
  const slices: number[] = [];
  let breaths = 0;
  const breathe = () => {
    breaths += 1;
    if (slices.length < 6) setImmediate(breathe);
  };
  setImmediate(breathe);
  await clock.run(timer(5_500, clock).subscribe(), 1_000, () => slices.push(clock.now()));
  expect(slices).toEqual([1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
  expect(breaths).toBeGreaterThanOrEqual(5);
});

it('runs what is due at one moment in the order in which it was asked for', async () => {
  const clock = new ReplayClock(0);
  const ran: string[] = [];
  clock.schedule(() => ran.push('late'), 20);
  clock.schedule(() => ran.push('first'), 10);
  clock.schedule(() => ran.push('second'), 10);
  await clock.run(timer(30, clock).subscribe(), 100, () => {});
  expect(ran).toEqual(['first', 'second', 'late']);
});

it('ends with the work, though timers are left, and when no timer is left', async () => {
  const clock = new ReplayClock(0);
  const ticks: number[] = [];
  interval(1_000, clock).subscribe((tick) => ticks.push(tick));
  await clock.run(NEVER.pipe(takeUntil(timer(10_000, clock))).subscribe(), 1_000, () => {});
  expect(ticks.length).toBeLessThan(15);
  await new ReplayClock(0).run(NEVER.subscribe(), 1_000, () => {});
});
