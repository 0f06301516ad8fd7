import fc from 'fast-check';
import { toUpload, type UploadItem } from '../../../src/model/upload.ts';
import { broughtBack } from '../../../src/sinks/broughtBack.ts';
import { assignment } from '../../support/readings.ts';
import { dwell } from '../../support/uploads.ts';

const itemsUpTo = (most: number): ReadonlyArray<UploadItem> =>
  Array.from({ length: most }, (_, n) =>
    n % 5 === 4
      ? { _tag: 'Dwell', value: dwell(n, n + 1) }
      : { _tag: 'Assignment', value: assignment(n) },
  );

/** How far each has come through one row of items: the disk may be behind what is offered, or ahead. */
type Step = readonly [what: 'offer' | 'save' | 'read' | 'drop' | 'send', most: number];
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('offer', 'save', 'read', 'drop', 'send'),
  fc.integer({ min: 1, max: 8 }),
);

describe('broughtBack', () => {
  it('is all that was dropped, exactly when that was read, whatever was saved when', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const items = itemsUpTo(1_000);
        const files = broughtBack();
        const at = { offer: 0, save: 0, read: 0, left: 0 };
        const dropped: number[] = [];
        const act = ([what, most]: Step): void => {
          if (what === 'save') at.save += most;
          else if (what === 'offer') {
            files.offered(items.slice(at.offer, at.offer + most));
            at.offer += most;
          } else if (what === 'read') {
            const to = Math.min(at.save, at.read + most);
            files.read(items.slice(at.read, to));
            at.read = to;
          } else {
            const to = Math.min(at.offer, at.left + most);
            const upload = toUpload('', items.slice(at.left, to));
            if (what === 'send') files.sent(upload);
            else {
              files.dropped(upload);
              dropped.push(...Array.from({ length: to - at.left }, (_, n) => at.left + n));
            }
            at.left = to;
          }
          if (files.isAll()) expect(Math.max(-1, ...dropped)).toBeLessThan(at.read);
        };
        steps.forEach(act);
        const rest = Math.max(at.offer, at.save);
        act(['save', rest - at.save]);
        act(['read', rest]);
        act(['offer', rest - at.offer]);
        expect(files.isAll()).toBe(true);
      }),
    );
  });
});
