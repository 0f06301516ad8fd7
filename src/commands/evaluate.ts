import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { either as E } from 'fp-ts';
import type { Assignment } from '../model/assignment.ts';
import type { GroundTruth } from '../model/groundTruth.ts';
import { isHeard } from '../model/heard.ts';
import { type Json, parseJson } from '../model/json.ts';
import type { Layout } from '../model/layout.ts';
import { phoneIdOf } from '../model/phoneId.ts';
import type { Reading } from '../model/reading.ts';
import { classify, NO_BELIEFS } from '../operators/classifyZones.ts';
import { type Score, scoreAssignments } from '../positioning/score.ts';
import { vectorsOf } from '../positioning/windows.ts';
import { recordingLines, UNNAMED_PHONE } from '../production/recordingLines.ts';
import { decodeNative } from '../sources/formats/native.ts';
import { loadClassifier } from './classifier.ts';
import { scoreTable } from './evaluateText.ts';
import { calibrationFileOf, noZonesYet } from './layout/calibrationFile.ts';
import { givenLayout, type LayoutOptions } from './layout/givenLayout.ts';
import { keepInputs } from './outFile.ts';
import { loadConfig, loadGroundTruth, Misconfigured, WINDOW_MS } from './settings.ts';

interface EvaluateOptions extends LayoutOptions {
  readonly readings: string;
  readonly truth: string;
  readonly calibration?: string;
  readonly out?: string;
  readonly json?: true;
}

/** What a recording holds for this layout, and what it holds besides. */
interface Recording {
  readonly readings: ReadonlyArray<Reading>;
  readonly rejected: number;
  readonly strangers: ReadonlySet<string>;
}

const encoder = new TextEncoder();

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Here an id only tells phones apart: what is no address, or was left out, is as good as one. */
const nameOne = (element: Json): Json =>
  isObject(element)
    ? {
        ...element,
        phone_id: phoneIdOf(`${element['phone_id'] ?? element['mac'] ?? UNNAMED_PHONE}`),
      }
    : element;

const named = (line: string): string => {
  const parsed = parseJson(line) as Json | undefined;
  if (parsed === undefined) return line;
  return JSON.stringify(Array.isArray(parsed) ? parsed.map(nameOne) : nameOne(parsed));
};

const readRecording = ({ sensors }: Layout, file: string): Recording => {
  const known = new Set(sensors.map(({ sensor_id }) => sensor_id));
  const readings: Reading[] = [];
  const strangers = new Set<string>();
  let rejected = 0;
  for (const line of recordingLines(file))
    for (const decoded of decodeNative({
      topic: 'replay',
      payload: encoder.encode(named(line)),
      receivedAt: 0,
    })) {
      if (E.isLeft(decoded)) rejected += 1;
      else if (!isHeard(decoded.right)) continue;
      else if (known.has(decoded.right.reading.sensor_id)) readings.push(decoded.right.reading);
      else strangers.add(decoded.right.reading.sensor_id);
    }
  return { readings, rejected, strangers };
};

const some = (ids: Iterable<string>): string => {
  const all = [...ids];
  return all.slice(0, 8).join(', ') + (all.length > 8 ? ', …' : '') || 'none';
};

const requireReadings = ({ sensors }: Layout, file: string, recording: Recording): void => {
  if (recording.readings.length > 0) return;
  throw new Misconfigured([
    recording.strangers.size > 0
      ? `--readings: ${file} has no reading of a sensor in --sensors (there: ` +
        `${some(sensors.map(({ sensor_id }) => sensor_id))}; here: ${some(recording.strangers)})`
      : `--readings: ${file} holds no usable reading (${recording.rejected} were rejected)`,
  ]);
};

const span = (times: ReadonlyArray<number>): string => {
  const [from, to] = times.reduce(
    ([least, most], ts) => [Math.min(least, ts), Math.max(most, ts)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  return `${from}…${to}`;
};

const requireJudged = (
  { judged }: Score,
  assignments: ReadonlyArray<Assignment>,
  truth: ReadonlyArray<GroundTruth>,
): void => {
  if (judged > 0) return;
  const isByPhone = truth.some(({ phone_id }) => phone_id !== undefined);
  throw new Misconfigured([
    `--truth: says nothing of any window of the readings (Unix seconds there: ` +
      `${span(truth.map(({ ts }) => ts))}; in the readings: ${span(assignments.map(({ ts }) => ts))}` +
      `${isByPhone ? '; its phone_id must be those of the readings' : ''})`,
  ]);
};

const rounded = (score: Score): Score =>
  Object.fromEntries(
    Object.entries(score).map(([name, value]) => [
      name,
      value === null ? null : Math.round(value * 10_000) / 10_000,
    ]),
  ) as unknown as Score;

const run = async (options: EvaluateOptions): Promise<void> => {
  const { readings: file, truth: truthFile, calibration, out, json } = options;
  const { zones, sensors } = options;
  if (out !== undefined) keepInputs(out, [file, truthFile, calibration, zones, sensors]);
  const config = loadConfig();
  const layout = await givenLayout(config, options);
  if (!existsSync(file)) throw new Misconfigured([`--readings: there is no file ${file}`]);
  const by = calibration ?? calibrationFileOf(config, layout);
  const noZones = noZonesYet(layout, by);
  if (noZones !== undefined) throw new Misconfigured([noZones]);
  const classifier = await loadClassifier(layout, by, (note) =>
    process.stderr.write(`  ! ${note}\n`),
  );
  const truth = await loadGroundTruth(truthFile);
  const recording = readRecording(layout, file);
  requireReadings(layout, file, recording);
  const vectors = vectorsOf(recording.readings, WINDOW_MS);
  const { assignments } = classify(classifier, NO_BELIEFS, vectors, Number.POSITIVE_INFINITY);
  const score = rounded(scoreAssignments(assignments, truth, layout));
  requireJudged(score, assignments, truth);
  const line = `${JSON.stringify({
    readings: recording.readings.length,
    rejected: recording.rejected,
    other_sensors: recording.strangers.size,
    ...score,
  })}\n`;
  if (out !== undefined) await writeFile(out, line);
  process.stdout.write(json === true ? line : `${scoreTable(score)}\n${line}`);
};

/** `npm run evaluate`: how well phones are placed, where it is known where they were. */
export const evaluateCommand = (): Command =>
  new Command('evaluate')
    .description('Judges positions against the truth; the last line is the result as JSON.')
    .requiredOption(
      '--readings <file>',
      'JSON, a message a line, or CSV ts,sensor_id,rssi,phone_id',
    )
    .requiredOption(
      '--truth <file>',
      'CSV ts with x,y or zone_id or both, and phone_id if there are several; or JSONL',
    )
    .option('--zones <file>', 'where the zones are (default: as the pipeline)')
    .option('--sensors <file>', 'where the sensors hang (default: as the pipeline)')
    .option(
      '--calibration <file>',
      'what calibrate made of a survey, or calibration.jsonl (default: CALIBRATION_FILE)',
    )
    .option('--out <file>', 'where the JSON goes besides')
    .option('--json', 'the JSON alone')
    .action(run);
