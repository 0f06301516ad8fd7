import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { calibrateCommand } from './commands/calibrate.ts';
import { certificatesCommand } from './commands/certificates.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { footfallCommand } from './commands/footfall.ts';
import { forgetCommand } from './commands/forget.ts';
import { layoutCommand } from './commands/layout/layout.ts';
import { pipelineCommand } from './commands/pipeline/pipeline.ts';
import { pruneCommand } from './commands/prune.ts';
import { publishCommand } from './commands/publish/publish.ts';
import { redriveCommand } from './commands/redrive.ts';
import { replayCommand } from './commands/replay.ts';
import { surveyCommand } from './commands/survey/survey.ts';
import { tokenCommand } from './commands/token.ts';

if (existsSync('.env')) process.loadEnvFile('.env');

const program = new Command('neuralsense')
  .description('From WiFi sensors in a shop to answers in a database.')
  .addCommand(pipelineCommand(), { isDefault: true })
  .addCommand(replayCommand())
  .addCommand(layoutCommand())
  .addCommand(surveyCommand())
  .addCommand(calibrateCommand())
  .addCommand(evaluateCommand())
  .addCommand(publishCommand())
  .addCommand(redriveCommand())
  .addCommand(footfallCommand())
  .addCommand(tokenCommand())
  .addCommand(pruneCommand())
  .addCommand(forgetCommand())
  .addCommand(certificatesCommand());

program.parseAsync().catch((problem: unknown) => {
  process.stderr.write(`\n${problem instanceof Error ? problem.message : String(problem)}\n`);
  process.exit(1);
});
