/**
 * What `npm ci` does at its end: builds the dashboard, so that the embedded stack can serve it. An
 * installation for running alone (`--omit=dev`) has no bundler, and needs none.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);

if (existsSync(new URL('node_modules/vite/package.json', root))) {
  const { build } = await import('vite');
  await build({ root: fileURLToPath(new URL('dashboard/', root)), logLevel: 'warn' });
}
