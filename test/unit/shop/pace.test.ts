import { pacer } from '../../../src/embedded/shop/pace.ts';

describe('pacer', () => {
  it('plays a step when it is over, not before', () => {
    const due = pacer(1_000, 250, 2_000);
    expect(due(1_000)).toEqual({ steps: 0, shiftMs: 0 });
    expect(due(1_249)).toEqual({ steps: 0, shiftMs: 0 });
    expect(due(1_250)).toEqual({ steps: 1, shiftMs: 0 });
    expect(due(1_251)).toEqual({ steps: 0, shiftMs: 0 });
  });

  it('makes up for late timers', () => {
    const due = pacer(0, 250, 2_000);
    expect(due(1_100)).toEqual({ steps: 4, shiftMs: 0 });
    expect(due(1_250)).toEqual({ steps: 1, shiftMs: 0 });
  });

  it('leaves out the hour that the machine slept', () => {
    const due = pacer(0, 250, 2_000);
    due(500);
    // Step 3 would have ended at 750; it ends at 3 600 500.
    expect(due(3_600_500)).toEqual({ steps: 1, shiftMs: 3_600_500 - 750 });
    expect(due(3_600_750)).toEqual({ steps: 1, shiftMs: 3_600_500 - 750 });
  });

  it('follows a clock that is set back', () => {
    const due = pacer(100_000, 250, 2_000);
    expect(due(40_000)).toEqual({ steps: 1, shiftMs: -60_250 });
    expect(due(40_250)).toEqual({ steps: 1, shiftMs: -60_250 });
  });

  it('waits out a clock that is set back a little', () => {
    const due = pacer(0, 250, 2_000);
    due(1_000);
    expect(due(500)).toEqual({ steps: 0, shiftMs: 0 });
    expect(due(1_250)).toEqual({ steps: 1, shiftMs: 0 });
  });
});
