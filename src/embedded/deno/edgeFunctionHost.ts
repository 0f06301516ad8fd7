/**
 * The module that `deno serve` is given: it serves the function named by its first argument, and
 * ends with the process that started it. Runs in Deno, never in Node.
 */
import process from 'node:process';

// The other end of stdin is the parent's: the system closes it however the parent dies, SIGKILL
// included. (`deno serve --preload` would do without this file, but serve ignores it.)
process.stdin.once('end', () => process.exit(0)).resume();

const { default: edgeFunction } = await import(process.argv[2] ?? '');

export default edgeFunction;
