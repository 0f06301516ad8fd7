import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DASHBOARD = new URL('../../dashboard/', import.meta.url);

/** @param {string} path Below dashboard/. */
const changedMs = (path) =>
  statSync(new URL(path, DASHBOARD), { throwIfNoEntry: false })?.mtimeMs ?? 0;

const sources = () =>
  readdirSync(new URL('src/', DASHBOARD), { recursive: true, encoding: 'utf8' }).map(
    (file) => `src/${file}`,
  );

/**
 * Before the browser's tests: builds the page, unless what `npm ci` built is of the sources as they
 * are. As it is shipped: under jest's own NODE_ENV, React would come with its tools for developers.
 */
export default async function freshSite() {
  const newest = Math.max(...['index.html', 'vite.config.ts', ...sources()].map(changedMs));
  if (changedMs('dist/index.html') > newest) return;
  const { NODE_ENV } = process.env;
  process.env['NODE_ENV'] = 'production';
  const { build } = await import('vite');
  await build({ root: fileURLToPath(DASHBOARD), logLevel: 'warn' });
  process.env['NODE_ENV'] = NODE_ENV;
}
