/** Runs the source until it is killed: `tsx test/support/dyingSource.ts mqtt://…`. */
import { runSource } from './mqttRig.ts';

runSource(process.argv[2] ?? '');
