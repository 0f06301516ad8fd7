import { statSync } from 'node:fs';
import { Command } from 'commander';
import type { JsonlFile } from '../model/jsonlFile.ts';
import { pathLossClassifier } from '../positioning/pathLoss.ts';
import { linesOf } from '../production/lines.ts';
import { createLog, logEvent } from '../production/log.ts';
import { ReplayClock } from '../production/replayClock.ts';
import { replayFiles } from '../production/replayFiles.ts';
import { openTerminal, progressBar } from '../production/terminal.ts';
import { recordingStartMs, replayReadings } from '../sources/replayReadings.ts';
import { pipeline } from '../streams/pipeline.ts';
import { loadConfig, loadLayout, Misconfigured, policiesOf } from './settings.ts';

interface ReplayOptions {
  readonly readings: string;
  readonly zones: string;
  readonly sensors: string;
  readonly out: string;
}

const SLICE_MS = 600_000;
const FILES: ReadonlyArray<JsonlFile> = [
  'rssi_readings',
  'rssi_vectors',
  'zone_assignments',
  'zone_transitions',
  'dwells',
  'visits',
];

const startOf = (recording: string): number => {
  const startMs = recordingStartMs(linesOf(recording));
  if (startMs === undefined)
    throw new Misconfigured([`--readings: ${recording} holds no usable reading`]);
  return startMs;
};

const run = async ({ readings, zones, sensors, out }: ReplayOptions): Promise<void> => {
  const config = loadConfig();
  const layout = await loadLayout(zones, sensors);
  const terminal = openTerminal(process.stderr);
  const log = logEvent(createLog(config.LOG_LEVEL, terminal.log));
  const clock = new ReplayClock(startOf(readings));
  const files = replayFiles(out);
  FILES.forEach(files.create);

  const { size } = statSync(readings);
  const done = { bytes: 0, Accepted: 0, Rejected: 0, Placed: 0, Saved: 0, Uploaded: 0 };
  const lines = linesOf(readings, (bytes) => {
    done.bytes = bytes;
  });
  const { admission, ...policies } = policiesOf(config, layout, []);
  const work = replayReadings(lines, clock)
    .pipe(
      pipeline(
        pathLossClassifier(layout),
        // A recording's clock is right by definition.
        { ...policies, admission: { ...admission, maxClockSkewMs: Number.POSITIVE_INFINITY } },
        { append: files.append },
        { scheduler: clock, random: () => 0.5, log },
      ),
    )
    .subscribe(({ _tag }) => {
      done[_tag] += 1;
    });
  await clock.run(work, SLICE_MS, () =>
    terminal.status(progressBar(done.bytes / size, `${done.Accepted} readings`)),
  );
  files.close();
  terminal.print(
    `\n  ${done.Accepted} readings (${done.Rejected} rejected) → ${done.Placed} assignments in ${out}/\n`,
  );
};

/** `npm run replay`: the same operators over a recording, on the recording's own clock. */
export const replayCommand = (): Command =>
  new Command('replay')
    .description('Runs a recording through the pipeline as fast as this machine can.')
    .requiredOption('--readings <file>', 'the recording: readings as JSON, one message a line')
    .option('--zones <file>', 'where the zones are', 'zones.csv')
    .option('--sensors <file>', 'where the sensors hang', 'sensors.csv')
    .requiredOption('--out <dir>', 'a new directory for the six files')
    .action(run);
