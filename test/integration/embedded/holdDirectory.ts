/** Locks the directory of the first argument and holds it until it is killed. */
import { lockDirectory } from '../../../src/production/instanceLock.ts';

await lockDirectory(process.argv[2] ?? '', 'another pipeline');
process.stdout.write('locked\n');
setInterval(() => undefined, 60_000);
