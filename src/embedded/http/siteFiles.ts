import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface SiteFile {
  readonly body: Buffer;
  /** Absent where compressing gains nothing. */
  readonly gzipped?: Buffer;
  readonly type: string;
  readonly etag: string;
  /** Its name changes with its content, so it never changes itself. */
  readonly isHashed: boolean;
}

/** Path below the site's root, such as `/assets/index-Cq.js` → file. */
export type Site = ReadonlyMap<string, SiteFile>;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};
const COMPRESSIBLE = /^text|json|svg/;

const compress = promisify(gzip);

/** Vite puts a hash into the name of all that it writes below assets/. */
const HASHED = /^\/assets\/.*-[\w-]{8,}\.\w+$/;

const readSiteFile = async (path: string, file: string): Promise<SiteFile> => {
  const body = await readFile(file);
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  return {
    body,
    ...(COMPRESSIBLE.test(type) && { gzipped: await compress(body) }),
    type,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    isHashed: HASHED.test(path),
  };
};

/** All files of a built site, in memory. Rejects where there is no such directory. */
const readSite = async (dir: string): Promise<Site> => {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.map(async (file): Promise<[string, SiteFile]> => {
        const path = `/${relative(dir, file).split(sep).join('/')}`;
        return [path, await readSiteFile(path, file)];
      }),
    ),
  );
};

const builtAt = (dir: string): Promise<number | undefined> =>
  stat(join(dir, 'index.html')).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );

/**
 * The site in `dir` as it was built last; undefined until it is built. It is small, so it is kept in
 * memory: what cannot be looked up there is not served, and a build under way breaks no answer.
 */
export const openSite = (dir: string): (() => Promise<Site | undefined>) => {
  let kept: { readonly at: number; readonly site: Site } | undefined;
  return async () => {
    const at = await builtAt(dir);
    if (at === undefined || at === kept?.at) return kept?.site;
    const site = await readSite(dir).catch(() => undefined);
    if (site !== undefined) kept = { at, site };
    return kept?.site;
  };
};
