import { Command, InvalidArgumentError } from 'commander';
import { connect as connectMqtt } from 'mqtt';
import {
  finalize,
  first,
  ignoreElements,
  last,
  lastValueFrom,
  merge,
  type Observable,
  pipe,
  Subject,
  switchMap,
  takeUntil,
  tap,
  timestamp,
  withLatestFrom,
} from 'rxjs';
import type { Config } from '../../config.ts';
import type { ConnectionStatus } from '../../model/connection.ts';
import { commonest } from '../../model/rejectionCounts.ts';
import { dropped, type Report } from '../../model/report.ts';
import type { Env } from '../../model/shapes.ts';
import { fanOut } from '../../operators/fanOut.ts';
import { Closers } from '../../production/closers.ts';
import { productionEnv } from '../../production/env.ts';
import { jsonlFiles } from '../../production/files/jsonlFiles.ts';
import { createLog, logEvent } from '../../production/log.ts';
import { stopSignal } from '../../production/stopSignal.ts';
import { openTerminal, type Terminal } from '../../production/terminal.ts';
import { rssiTopicOf } from '../../scriptSettings.ts';
import { mqttReadings } from '../../sources/mqttReadings.ts';
import { pipeline } from '../../streams/pipeline.ts';
import { type Recent, type Statistics, statistics } from '../../streams/statistics.ts';
import { loadClassifier } from '../classifier.ts';
import { exposureOf } from '../exposure.ts';
import { liveInfrastructure } from '../infrastructure.ts';
import { infrastructureText } from '../infrastructureText.ts';
import { calibrationFileOf, foundText } from '../layout/calibrationFile.ts';
import { adviceText, layoutAdvice } from '../layout/layoutAdvice.ts';
import { type LayoutSource, layoutOfDatabase, layoutOfFiles } from '../layout/layoutSource.ts';
import { checkTls, filesOptions, formatsOf, loadConfig, policiesOf, readTls } from '../settings.ts';
import { holdUploads, livePorts, uploadStage } from '../uploadStage.ts';
import { inherit } from './inherit.ts';
import { type LiveLayout, liveLayout } from './liveLayout.ts';
import { closingText, heldText, intro, resumedText } from './pipelineText.ts';
import { type Shop, statusLines } from './statusText.ts';
import {
  type Choices,
  openShop,
  openStore,
  openSurroundings,
  type Store,
  type Surroundings,
} from './surroundings.ts';

const DRAW_MS = 1_000;
const PLAIN_MS = 5_000;
const LOG_MS = 30_000;

const openSource = (config: Config, around: Surroundings, env: Env, dropped: () => void) =>
  mqttReadings(
    {
      url: around.mqttUrl,
      ...formatsOf(config),
      clientId: config.MQTT_CLIENT_ID ?? `neuralsense-pipeline-${around.storeName}`,
      ...(config.MQTT_USERNAME === undefined ? {} : { username: config.MQTT_USERNAME }),
      ...(config.MQTT_PASSWORD === undefined ? {} : { password: config.MQTT_PASSWORD }),
      tls: () => readTls(config),
      // The embedded broker speaks 3.1.1.
      protocolVersion: config.MQTT_PROTOCOL === '5' && !around.isBrokerEmbedded ? 5 : 4,
      statusTopic: `neuralsense/pipeline/${around.storeName}/status`,
      keepaliveSeconds: 30,
      retry: { initialDelayMs: 500, maxDelayMs: 30_000 },
    },
    {
      connect: connectMqtt,
      scheduler: env.scheduler,
      random: env.random,
      now: Date.now,
      dropped,
    },
  );

const mostlyRejected = ({ causes }: Recent): { readonly rejectedFor?: string } => {
  const most = commonest(causes);
  return most ? { rejectedFor: most.kind } : {};
};

/** Draws the status line and logs the statistics; emits the last ones when the reports end. */
const watch =
  (status$: Observable<ConnectionStatus>, terminal: Terminal, shop: Shop, env: Env) =>
  (reports$: Observable<Report>): Observable<Statistics> =>
    reports$.pipe(
      fanOut(
        pipe(
          statistics(terminal.isInteractive ? DRAW_MS : PLAIN_MS, env),
          withLatestFrom(status$.pipe(timestamp(env.scheduler))),
          tap(([latest, status]) =>
            terminal.status(...statusLines(latest, status, shop, env.scheduler.now())),
          ),
          ignoreElements(),
        ),
        pipe(
          statistics(LOG_MS, env),
          tap(({ recent, heardAtMs, ...latest }) =>
            env.log({ level: 'info', event: 'statistics', ...latest, ...mostlyRejected(recent) }),
          ),
          last(),
        ),
      ),
    );

/** What follows from a layout before anything else is opened. @throws Misconfigured */
const prepare = async (config: Config, source: LayoutSource) => {
  const calibration = calibrationFileOf(config, source.initial);
  return {
    ...{ source, calibration },
    classifier: await loadClassifier(source.initial, calibration),
    advice: [
      ...source.notes,
      ...foundText(config, calibration),
      ...(await layoutAdvice(source.initial, calibration)),
    ],
    exposure: await exposureOf(config, source.initial),
  };
};

const ofStore = (
  config: Config,
  { destination }: Store,
  { simulate }: Choices,
  env: Env,
): Promise<LayoutSource> =>
  destination ? layoutOfDatabase(config, destination, env) : layoutOfFiles(config, simulate);

const shopOf = (
  config: Config,
  around: Surroundings,
  { initial: { zones }, sensorsIn, toAddSensors }: LayoutSource,
  { noZones }: LiveLayout,
): Shop => ({
  ...{ zones: zones.length, noZones, sensorsIn },
  ...(toAddSensors !== undefined && { toAddSensors }),
  held: around.held,
  topics: formatsOf(config).topics,
  mqttUrl: around.mqttUrl,
  isBrokerEmbedded: around.isBrokerEmbedded,
});

const run = async (choices: Choices): Promise<void> => {
  const config = loadConfig();
  checkTls(config);
  // What is wrong with files is said before anything starts.
  const ofFiles =
    config.LAYOUT_SOURCE === 'files'
      ? await prepare(config, await layoutOfFiles(config, choices.simulate))
      : undefined;
  const terminal = openTerminal(process.stdout);
  const log = logEvent(createLog(config.LOG_LEVEL, terminal.log));
  const env = productionEnv(log);
  const infrastructure = await liveInfrastructure(config, env);
  const closers = new Closers();
  await closers.after(async () => {
    const { status } = terminal;
    const store = await openStore(config, choices, log, status, closers);
    const { source, calibration, classifier, advice, exposure } =
      ofFiles ?? (await prepare(config, await ofStore(config, store, choices, env)));
    const around = await openSurroundings(config, choices, store, log, closers, exposure);
    const layout = source.initial;
    const files = jsonlFiles({ ...filesOptions(config, log), store: around.storeId });
    closers.add(files.close);
    terminal.status('');
    terminal.print(intro(config, around, source, terminal.isInteractive) + adviceText(advice));
    const live = liveLayout(source, calibration, classifier, env);
    const { admission, ...others } = policiesOf(config, layout, [around.storeId, around.storeName]);
    const policies = {
      ...others,
      admission: { ...admission, sensors: live.sensors },
      infrastructure: infrastructure.listed,
    };
    const { inherited, text } = await inherit(config.OUTPUT_DIR, policies.window, files, log);
    terminal.print(text);
    // Behind what was recovered: the lines of an unfinished flush are not sent.
    const upload =
      around.destination &&
      (await uploadStage(around.destination, config.OUTPUT_DIR, files.append, env));
    terminal.print(
      around.held.length > 0
        ? heldText(await holdUploads(config.OUTPUT_DIR, around.storeId))
        : resumedText(upload?.journal.behind ?? 0),
    );
    const dropped$ = new Subject<Report>();
    const { readings$, status$ } = openSource(config, around, env, () => dropped$.next(dropped()));
    const stop$ = stopSignal(() =>
      terminal.print('\n  Stopping: draining what was received. Ctrl-C again exits at once.\n'),
    );
    const processed$ = readings$.pipe(
      takeUntil(stop$),
      pipeline(
        live.classifier,
        policies,
        {
          append: files.append,
          commit: files.commit,
          inherited,
          ...(upload && { upload }),
          ...(around.destination && config.ENABLE_LIVE && { live: livePorts(around.destination) }),
        },
        env,
      ),
      (reports$) => merge(reports$.pipe(finalize(() => dropped$.complete())), dropped$),
      tap((report) => {
        if (report._tag !== 'Placed' || report.infrastructure === 0) return;
        const { infrastructure: devices } = report;
        log({ level: 'info', event: 'infrastructure found', devices });
        terminal.print(infrastructureText(devices, config.OUTPUT_DIR, config.INFRASTRUCTURE_FILE));
      }),
      watch(status$, terminal, shopOf(config, around, source, live), env),
    );
    // Nothing is published before somebody listens.
    const shop$ = status$.pipe(
      first(({ _tag }) => _tag === 'Connected'),
      takeUntil(stop$),
      switchMap(() => openShop(around, rssiTopicOf(config), layout, choices.seed, log, closers)),
      ignoreElements(),
    );
    const total = await lastValueFrom(
      merge(
        processed$,
        shop$,
        merge(live.changes$, infrastructure.changes$).pipe(takeUntil(stop$)),
      ),
    );
    terminal.status('');
    terminal.print(closingText(total));
  });
};

const seed = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('Give a whole number.');
  return value;
};

/** `npm run pipeline`: readings in, zones, files and rows out, until it is stopped. */
export const pipelineCommand = (): Command =>
  new Command('pipeline')
    .description('Readings from MQTT become zones, JSONL files and Supabase rows.')
    .option('--simulate', 'let a simulated shop publish, whatever the broker')
    .option('--no-simulate', 'wait for real sensors, even on the embedded broker')
    .option('--seed <number>', 'the simulated shop: the same seed plays the same day', seed, 42)
    .option('--history', 'give a new embedded database two made-up weeks of visits')
    .addHelpText('after', '\nSettings come from the environment or .env: see .env.example.')
    .action(({ simulate, seed: number, history }) => run({ simulate, seed: number, history }));
