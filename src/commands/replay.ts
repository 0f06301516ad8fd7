import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { map } from 'rxjs';
import type { Assignment } from '../model/assignment.ts';
import type { JsonlFile } from '../model/jsonlFile.ts';
import { scoreAssignments } from '../positioning/score.ts';
import { replayFiles } from '../production/files/replayFiles.ts';
import { createLog, logEvent } from '../production/log.ts';
import { recordingLines } from '../production/recordingLines.ts';
import { ReplayClock } from '../production/replayClock.ts';
import { saltedGroups } from '../production/saltedId.ts';
import { openTerminal, progressBar } from '../production/terminal.ts';
import { dropId } from '../sources/formats/dropIds.ts';
import { recordingStartMs, replayReadings, type Times } from '../sources/replayReadings.ts';
import { pipeline } from '../streams/pipeline.ts';
import { loadClassifier } from './classifier.ts';
import { scoreLine } from './evaluateText.ts';
import { loadInfrastructure } from './infrastructure.ts';
import { infrastructureText } from './infrastructureText.ts';
import { calibrationFileOf, noZonesYet } from './layout/calibrationFile.ts';
import { givenLayout, type LayoutOptions } from './layout/givenLayout.ts';
import { loadConfig, loadGroundTruth, Misconfigured, policiesOf } from './settings.ts';

interface ReplayOptions extends LayoutOptions {
  readonly readings: string;
  readonly out: string;
  readonly truth?: string;
  readonly calibration?: string;
  readonly times: Times;
}

const TIMES: ReadonlyArray<Times> = ['auto', 'sensor', 'received'];
const SLICE_MS = 600_000;
const FILES: ReadonlyArray<JsonlFile> = [
  'rssi_readings',
  'rssi_vectors',
  'zone_assignments',
  'zone_transitions',
  'dwells',
  'visits',
];

const startOf = (recording: string, times: Times): number => {
  if (!existsSync(recording))
    throw new Misconfigured([`--readings: there is no file ${recording}`]);
  const startMs = recordingStartMs(recordingLines(recording), times);
  if (startMs === undefined)
    throw new Misconfigured([`--readings: ${recording} holds no usable reading`]);
  return startMs;
};

/** Before the first file is made: a replay leaves either all of its files or none. */
const refuseUsed = (out: string): void => {
  const used = FILES.find((name) => existsSync(join(out, `${name}.jsonl`)));
  if (used !== undefined)
    throw new Misconfigured([`--out: ${out} already holds ${used}.jsonl; give a new directory`]);
};

const run = async (options: ReplayOptions): Promise<void> => {
  const { readings, out, truth, times } = options;
  const config = loadConfig();
  const layout = await givenLayout(config, options);
  const terminal = openTerminal(process.stderr);
  const calibration = options.calibration ?? calibrationFileOf(config, layout);
  const noZones = noZonesYet(layout, calibration);
  if (noZones !== undefined) terminal.print(`  ! ${noZones}\n`);
  const classifier = await loadClassifier(layout, calibration, (note) =>
    terminal.print(`  ! ${note}\n`),
  );
  const log = logEvent(createLog(config.LOG_LEVEL, terminal.log));
  const groundTruth = truth === undefined ? undefined : await loadGroundTruth(truth);
  const clock = new ReplayClock(startOf(readings, times));
  refuseUsed(out);
  let failure: unknown;
  const files = replayFiles(out, (problem) => {
    failure = problem;
    work.unsubscribe();
  });
  FILES.forEach(files.create);

  const placed: Assignment[] = [];
  const { size } = statSync(readings);
  const done = {
    bytes: 0,
    readings: 0,
    rejected: 0,
    repeated: 0,
    thinned: 0,
    nonPhones: 0,
    placed: 0,
    found: 0,
  };
  const lines = recordingLines(readings, (bytes) => {
    done.bytes = bytes;
  });
  const policies = policiesOf(config, layout, []);
  const infrastructure = await loadInfrastructure(config);
  const groups = saltedGroups(config.PHONE_HASH_SALT);
  const work = replayReadings(lines, clock, times)
    .pipe(
      map(dropId(groups)),
      pipeline(
        classifier,
        // Whatever day a recording is of, it is not wrong.
        {
          ...policies,
          infrastructure,
          clocks: { isCorrecting: true, maxSkewMs: Number.POSITIVE_INFINITY },
        },
        files,
        { scheduler: clock, random: () => 0.5, log },
      ),
    )
    .subscribe({
      next: (report) => {
        if (report._tag === 'Journalled') {
          done.readings += report.readings;
          done.rejected += report.rejected;
          done.repeated += report.repeated;
          done.thinned += report.thinned;
          done.nonPhones += report.nonPhones;
        }
        if (report._tag === 'Placed') {
          done.placed += report.assignments.length;
          done.found += report.infrastructure;
          if (groundTruth) placed.push(...report.assignments);
        }
      },
      error: (problem: unknown) => {
        failure = problem;
      },
    });
  try {
    await clock.run(work, SLICE_MS, () =>
      terminal.status(progressBar(done.bytes / size, `${done.readings} readings`)),
    );
  } finally {
    files.close();
  }
  if (failure !== undefined) throw failure;
  terminal.print(
    `\n  ${done.readings} readings (${done.rejected} rejected${done.repeated > 0 ? `, ${done.repeated} repeated` : ''}${done.thinned > 0 ? `, ${done.thinned} thinned` : ''}) → ${done.placed} assignments in ${out}/\n`,
  );
  if (done.nonPhones > 0)
    terminal.print(`  ${done.nonPhones} more of group addresses and of 00:…, which no phone has\n`);
  terminal.print(infrastructureText(done.found, out, config.INFRASTRUCTURE_FILE));
  if (groundTruth) terminal.print(scoreLine(scoreAssignments(placed, groundTruth, layout)));
};

/** `npm run replay`: the same operators over a recording, on the recording's own clock. */
export const replayCommand = (): Command =>
  new Command('replay')
    .description('Runs a recording through the pipeline as fast as this machine can.')
    .requiredOption('--readings <file>', 'the recording: JSON, a message a line, or CSV')
    .option('--zones <file>', 'where the zones are (default: as the pipeline)')
    .option('--sensors <file>', 'where the sensors hang (default: as the pipeline)')
    .requiredOption('--out <dir>', 'a new directory for the six files')
    .option('--truth <file>', 'where phones really were (CSV ts,x,y,zone_id or JSON lines): scores')
    .option(
      '--calibration <file>',
      'what calibrate made of a survey, or calibration.jsonl (default: CALIBRATION_FILE)',
    )
    .addOption(
      new Option(
        '--times <which>',
        'where lines hold received_at beside ts: auto corrects the clocks of sensors as the pipeline' +
          ' does, sensor takes ts as it is, received the time of receipt',
      )
        .choices(TIMES)
        .default('auto'),
    )
    .action(run);
