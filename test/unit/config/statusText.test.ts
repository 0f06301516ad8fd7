import { NEVER, of } from 'rxjs';
import { statusLines } from '../../../src/commands/pipeline/statusText.ts';
import type { Report } from '../../../src/model/report.ts';
import { statistics } from '../../../src/streams/statistics.ts';
import type { UploadNeed } from '../../../src/uploadNeeds.ts';
import { emittedBy } from '../../support/marbles.ts';

const CONNECTED = { _tag: 'Connected', sessionPresent: true } as const;
const NOTHING_YET = '  0 readings/s · 0 phones · 0/19 zones · 0 assignments · 0 rows uploaded';

/** The status lines after these reports. */
const said = (
  reports: ReadonlyArray<Report>,
  held: ReadonlyArray<UploadNeed> = [],
): ReadonlyArray<string> => {
  let lines: ReadonlyArray<string> = [];
  emittedBy((env) => {
    of(...reports)
      .pipe(statistics(1_000, env))
      .subscribe((latest) => {
        lines = statusLines(latest, CONNECTED, { zones: 19, held });
      });
    return NEVER;
  });
  return lines;
};

it('is one line where there is nothing to look at', () => {
  expect(said([])).toEqual([NOTHING_YET]);
});

it.each([
  ['ENOSPC: no space left on device, write', 'no space left, make room'],
  ['EIO: i/o error, fdatasync', 'the disk fails (EIO), see dmesg'],
  ['EROFS: read-only file system, open', 'the disk is mounted read-only, see dmesg'],
  ["EACCES: permission denied, open 'output/x'", 'not allowed to write, check who owns OUTPUT_DIR'],
  ['something else', 'something else'],
])('a disk that says %s', (problem, shown) => {
  expect(said([{ _tag: 'Saving', problem }])).toEqual([NOTHING_YET, `  NOT SAVING: ${shown}`]);
  expect(said([{ _tag: 'Saving', problem }, { _tag: 'Saving' }])).toEqual([NOTHING_YET]);
});

it('an outage, and a setting that is wrong', () => {
  const retryAt = 0;
  expect(
    said([{ _tag: 'UploadPath', path: { _tag: 'Open', reason: 'HTTP 503', retryAt } }]),
  ).toContain('  uploads wait: HTTP 503');
  expect(
    said([
      {
        _tag: 'UploadPath',
        path: { _tag: 'Parked', reason: 'HTTP 404', advice: 'check SUPABASE_URL', retryAt },
      },
    ]),
  ).toContain('  UPLOADS PARKED: HTTP 404: check SUPABASE_URL');
});

it('what uploads wait for, and the commands that make it, each line within 80 columns', () => {
  const lines = said(
    [],
    [
      { setting: 'INGEST_TOKEN', from: 'npm run token -- create --label shop' },
      { setting: 'PHONE_HASH_SECRET', from: 'npm run secret' },
    ],
  );
  expect(lines).toEqual([
    NOTHING_YET,
    '  uploads held: INGEST_TOKEN, PHONE_HASH_SECRET missing',
    '    npm run token -- create --label shop · npm run secret',
  ]);
  for (const line of lines) expect(line.length).toBeLessThan(80);
});
