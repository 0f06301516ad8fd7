import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const target = (): string =>
  process.platform === 'linux'
    ? `linux-${process.arch}-glibc`
    : `${process.platform}-${process.arch}`;

/**
 * The Deno binary that npm's `deno` package brought for this platform. The package's own launcher
 * is passed by: it would put a second process in between, which signals do not cross.
 */
export const denoBinary = (): string => {
  const file = process.platform === 'win32' ? 'deno.exe' : 'deno';
  try {
    const fromDeno = createRequire(createRequire(import.meta.url).resolve('deno/package.json'));
    const binary = join(dirname(fromDeno.resolve(`@deno/${target()}/package.json`)), file);
    if (existsSync(binary)) return binary;
  } catch {
    // Said below.
  }
  throw new Error(
    `npm brought no Deno for ${target()}, so the function cannot run here. Run "npm ci" again ` +
      'without --omit=optional, or set SUPABASE_URL to use a Supabase project.',
  );
};
