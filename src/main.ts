import { Command } from 'commander';
import { loadEnvFile } from './commands/dotenv.ts';

/** Each is loaded when it is asked for: a replay starts sooner without broker and database. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  pipeline: async () => (await import('./commands/pipeline/pipeline.ts')).pipelineCommand(),
  replay: async () => (await import('./commands/replay.ts')).replayCommand(),
  layout: async () => (await import('./commands/layout/layout.ts')).layoutCommand(),
  survey: async () => (await import('./commands/survey/survey.ts')).surveyCommand(),
  calibrate: async () => (await import('./commands/calibrate.ts')).calibrateCommand(),
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand(),
  publish: async () => (await import('./commands/publish/publish.ts')).publishCommand(),
  import: async () => (await import('./commands/import/import.ts')).importCommand(),
  redrive: async () => (await import('./commands/redrive.ts')).redriveCommand(),
  footfall: async () => (await import('./commands/footfall.ts')).footfallCommand(),
  secret: async () => (await import('./commands/secret.ts')).secretCommand(),
  token: async () => (await import('./commands/token.ts')).tokenCommand(),
  prune: async () => (await import('./commands/prune.ts')).pruneCommand(),
  forget: async () => (await import('./commands/forget.ts')).forgetCommand(),
  certificates: async () => (await import('./commands/certificates.ts')).certificatesCommand(),
};
const DEFAULT = 'pipeline';

/** What the command line names first; all where it names none, for the help. */
const load = async (): Promise<ReadonlyArray<Command>> => {
  const names = Object.keys(COMMANDS);
  const named = names.filter((name) => name === process.argv[2]);
  const wanted = named.length > 0 ? named : names;
  return Promise.all(wanted.flatMap((name) => COMMANDS[name]?.() ?? []));
};

const run = async (): Promise<void> => {
  loadEnvFile();
  const program = new Command('neuralsense').description(
    'From WiFi sensors in a shop to answers in a database.',
  );
  for (const command of await load())
    program.addCommand(command, { isDefault: command.name() === DEFAULT });
  await program.parseAsync();
};

run().catch((problem: unknown) => {
  process.stderr.write(`\n${problem instanceof Error ? problem.message : String(problem)}\n`);
  process.exit(1);
});
