/** Runs the stack in the directory of the first argument until it is killed. */
import { startSupabaseStack } from '../../../src/embedded/supabaseStack.ts';

const stack = await startSupabaseStack({ dataDir: process.argv[2] ?? '', port: 0 });
process.stdout.write(`${stack.functionPid()} ${stack.url}\n`);
