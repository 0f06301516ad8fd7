import { asapScheduler } from 'rxjs';
import { ackLedger } from '../../../src/sources/ackLedger.ts';

const rig = (bound: { readonly messages: number; readonly bytes: number }) => {
  const written: number[][] = [];
  const write = (packets: Buffer): boolean => {
    const ids = Array.from({ length: packets.length / 4 }, (_, at) =>
      packets.readUInt16BE(at * 4 + 2),
    );
    return written.push(ids) > 0;
  };
  return { written, ledger: ackLedger(() => ({ write }) as never, bound) };
};
const paid = () => new Promise<void>((resolve) => void asapScheduler.schedule(() => resolve()));
const ROOMY = { messages: 1_000_000, bytes: 1_000_000 };

describe('room', () => {
  it('is there for exactly as many messages as the bound says', () => {
    const { ledger } = rig({ messages: 2, bytes: 100 });
    expect([1, 2, 3].map((id) => ledger.take(id, 1) !== undefined)).toEqual([true, true, false]);
  });

  it('is there for exactly as many bytes as the bound says', () => {
    const { ledger } = rig({ messages: 9, bytes: 100 });
    expect(ledger.take(1, 60)).toBeDefined();
    expect(ledger.take(2, 41)).toBeUndefined();
    expect(ledger.take(3, 40)).toBeDefined();
    expect(ledger.take(4, 1)).toBeUndefined();
  });

  it('is there for one message that is larger than the bound, where nothing else is owed', async () => {
    const { ledger } = rig({ messages: 9, bytes: 100 });
    const acknowledge = ledger.take(1, 101);
    expect(ledger.take(2, 1)).toBeUndefined();
    acknowledge?.();
    await paid();
    expect(ledger.take(3, 100)).toBeDefined();
  });

  it('is told of when there is enough of it, until nobody listens', async () => {
    const { ledger } = rig({ messages: 9, bytes: 100 });
    const [one, two, three] = [60, 20, 20].map((bytes, at) => ledger.take(at + 1, bytes));
    let told = 0;
    const stop = ledger.whenRoom(70, () => {
      told += 1;
    });
    two?.();
    three?.();
    await paid();
    expect(told).toBe(0);
    one?.();
    await paid();
    expect(told).toBe(1);
    stop();
    ledger.take(4, 1)?.();
    await paid();
    expect(told).toBe(1);
  });
});

describe('acknowledgements', () => {
  it('go out in the order of the messages, each once, all that are due in one piece', async () => {
    const { ledger, written } = rig(ROOMY);
    const [one, two, quiet, four] = [1, 2, undefined, 4].map((id) => ledger.take(id, 1));
    two?.();
    quiet?.();
    await paid();
    expect(written).toEqual([]);
    one?.();
    one?.();
    await paid();
    four?.();
    four?.();
    await paid();
    expect(written).toEqual([[1, 2], [4]]);
  });

  it('leave out none and free the room of each, however many are owed at once', async () => {
    const { ledger, written } = rig({ messages: 25_000, bytes: 25_000 });
    const owed = Array.from({ length: 25_000 }, (_, id) => ledger.take(id, 1));
    for (const acknowledge of owed.slice(0, 20_000)) acknowledge?.();
    await paid();
    for (const acknowledge of owed.slice(20_000)) acknowledge?.();
    await paid();
    expect(written.flat()).toEqual(Array.from({ length: 25_000 }, (_, id) => id));
    expect(ledger.take(1, 25_000)).toBeDefined();
  });
});

describe('that nothing is owed', () => {
  it('is told at once, or once, when the last is settled', async () => {
    const { ledger } = rig(ROOMY);
    const told: string[] = [];
    ledger.whenEmpty(() => told.push('at once'));
    const one = ledger.take(1, 1);
    ledger.whenEmpty(() => told.push('later'));
    expect(told).toEqual(['at once']);
    one?.();
    await paid();
    ledger.take(2, 1)?.();
    await paid();
    expect(told).toEqual(['at once', 'later']);
  });
});
