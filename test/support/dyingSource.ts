/** Runs the source until it is killed: `tsx test/support/dyingSource.ts mqtt://… 4|5`. */
import { runSource } from './mqttRig.ts';

const [url = '', level] = process.argv.slice(2);
runSource(url, { protocolVersion: level === '5' ? 5 : 4 });
