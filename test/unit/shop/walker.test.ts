import { type Script, stand, type Walker, walkTo } from '../../../src/embedded/shop/walker.ts';

const steps = (script: Script) => [...script].length;
const walker = (): Walker => ({ at: { x: 0, y: 0 }, walkedM: 0, speedMps: 1 });

describe('walkTo', () => {
  it('goes straight, at its speed, and stops at the target', () => {
    const one = walker();
    const script = walkTo(one, { x: 3, y: 4 });
    script.next();
    expect(one.at.x).toBeCloseTo(0.15);
    expect(one.at.y).toBeCloseTo(0.2);
    expect(1 + steps(script)).toBe(20);
    expect(one.at).toEqual({ x: 3, y: 4 });
    expect(one.walkedM).toBeCloseTo(5);
  });

  it('takes no step to where it already is', () => {
    const one = walker();
    expect(steps(walkTo(one, { x: 0, y: 0 }))).toBe(0);
    expect(one.walkedM).toBe(0);
  });
});

describe('stand', () => {
  it.each([
    [0, 0],
    [0.1, 1],
    [10, 40],
  ])('%d s are %d steps', (seconds, count) => expect(steps(stand(seconds))).toBe(count));
});
