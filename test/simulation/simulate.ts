import { countingIds } from '../support/uploads.ts';
import { type PipelineProcess, startPipeline } from './pipelineProcess.ts';
import type { Death, Scenario } from './scenario.ts';
import { type World, worldOf } from './world.ts';

/** What is left in the end. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly world: World;
  /** Uploads ran ahead of failing files when a process died: it made those assignments again. */
  readonly ranAhead: boolean;
  /** Whether the last process came to its end. */
  readonly isOver: boolean;
}

/** What comes after all deaths were died. */
const NEVER: Death = {
  manner: 'stop',
  afterSteps: Number.POSITIVE_INFINITY,
  afterMs: Number.POSITIVE_INFINITY,
  downMs: 0,
};
/** A process that could not start is started again. */
const RESTART_MS = 1_000;
const SETTLE_MS = 40_000;
const DRAIN_MS = 120_000;

/** Plays a scenario: processes one after the other, each to its death, and in the end all in peace. */
export const simulate = async (scenario: Scenario): Promise<Outcome> => {
  const world = worldOf(scenario);
  const { time, disk, broker } = world;
  const newBatchId = countingIds();
  const deaths = [...scenario.deaths];
  let current: PipelineProcess | undefined;
  let lives = 0;
  let ranAhead = false;

  const start = (): void => {
    // One writer: the lock sees to it.
    if (current !== undefined) return;
    const death = deaths.shift() ?? NEVER;
    let steps = 0;
    lives += 1;
    const life = lives;
    const die = (): void => {
      if (life !== lives || current === undefined) return;
      if (death.manner === 'stop') {
        current.stop();
        return;
      }
      ranAhead ||= current.hasRunAhead();
      current.kill();
      if (death.manner === 'power') disk.losePower();
      broker.cut(0);
      current = undefined;
      time.after(death.downMs, start);
    };
    const stepped = (): void => {
      steps += 1;
      if (steps === death.afterSteps) die();
    };
    const ended = (): void => {
      current = undefined;
      if (time.now() < calmAt) time.after(RESTART_MS, start);
    };
    current = startPipeline(world, scenario.maxBytes, newBatchId, stepped, ended);
    if (Number.isFinite(death.afterMs)) time.after(death.afterMs, die);
  };
  const calmAt = scenario.startMs + scenario.calmMs;
  /** Lives in peace until nothing comes any more, and then stops. */
  const drain = async (): Promise<boolean> => {
    deaths.length = 0;
    start();
    await time.run(time.now() + SETTLE_MS, () => false);
    current?.stop();
    return time.run(time.now() + DRAIN_MS, () => current === undefined);
  };
  start();
  await time.run(calmAt, () => false);
  disk.behave(undefined);
  await drain();
  const isOver = await drain();
  return { scenario, world, ranAhead, isOver };
};
