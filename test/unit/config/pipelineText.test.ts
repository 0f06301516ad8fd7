import { NEVER, of } from 'rxjs';
import { resumedText, statusText } from '../../../src/commands/pipeline/pipelineText.ts';
import type { Report } from '../../../src/model/report.ts';
import { statistics } from '../../../src/streams/statistics.ts';
import { emittedBy } from '../../support/marbles.ts';

const CONNECTED = { _tag: 'Connected', sessionPresent: true } as const;

/** The status line after these reports. */
const said = (...reports: ReadonlyArray<Report>): string => {
  let line = '';
  emittedBy((env) => {
    of(...reports)
      .pipe(statistics(1_000, env))
      .subscribe((latest) => {
        line = statusText(latest, CONNECTED, 19);
      });
    return NEVER;
  });
  return line;
};

it.each([
  ['ENOSPC: no space left on device, write', 'no space left, make room'],
  ['EIO: i/o error, fdatasync', 'the disk fails (EIO), see dmesg'],
  ['EROFS: read-only file system, open', 'the disk is mounted read-only, see dmesg'],
  ["EACCES: permission denied, open 'output/x'", 'not allowed to write, check who owns OUTPUT_DIR'],
  ['something else', 'something else'],
])('a disk that says %s', (problem, shown) => {
  expect(said({ _tag: 'Saving', problem })).toMatch(`  NOT SAVING: ${shown} · 0 readings/s`);
  expect(said({ _tag: 'Saving', problem }, { _tag: 'Saving' })).not.toContain('NOT SAVING');
});

it('what an earlier process saved and did not upload', () => {
  expect(resumedText(0)).toBe('');
  expect(resumedText(12_345)).toContain('12,345 rows saved before');
});

it('an outage, and a setting that is wrong', () => {
  const retryAt = 0;
  expect(
    said({ _tag: 'UploadPath', path: { _tag: 'Open', reason: 'HTTP 503', retryAt } }),
  ).toContain(' · uploads wait: HTTP 503');
  expect(
    said({
      _tag: 'UploadPath',
      path: { _tag: 'Parked', reason: 'HTTP 404', advice: 'check SUPABASE_URL', retryAt },
    }),
  ).toContain(' · UPLOADS PARKED: HTTP 404: check SUPABASE_URL');
});
