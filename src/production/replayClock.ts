import { setImmediate } from 'node:timers/promises';
import { type Subscription, VirtualTimeScheduler } from 'rxjs';

/** A recording's clock: it jumps from one scheduled moment to the next, never waiting. */
export class ReplayClock extends VirtualTimeScheduler {
  /** @param startMs Unix ms at which the recording begins */
  constructor(startMs: number) {
    super();
    this.frame = startMs;
  }

  /**
   * Runs until `work` is over, letting the process breathe after every `sliceMs` of the
   * recording's time.
   */
  async run(work: Subscription, sliceMs: number, onSlice: () => void): Promise<void> {
    while (!work.closed && this.actions.length > 0) {
      this.maxFrames = this.frame + sliceMs;
      this.flush();
      this.frame = this.maxFrames;
      onSlice();
      await setImmediate();
    }
  }
}
