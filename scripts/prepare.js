/**
 * What `npm ci` does at its end: builds the dashboard, so that the embedded stack can serve it. An
 * installation for running alone (`--omit=dev`) has no bundler, and needs none. Where it could not be
 * started afterwards it says so.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);

if (fileURLToPath(root).includes('?')) {
  process.stderr.write(
    `\n${fileURLToPath(root)}\nhas a ? in its path, at which Node's loader cuts it off: move the project elsewhere.\n\n`,
  );
  process.exit(1);
}

if (existsSync(new URL('node_modules/vite/package.json', root))) {
  const { build } = await import('vite');
  await build({ root: fileURLToPath(new URL('dashboard/', root)), logLevel: 'warn' });
}
