import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Looks {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

/** A browser of its own, with an empty profile, as one visitor has it. */
export interface Visitor {
  readonly context: BrowserContext;
  readonly close: () => Promise<void>;
}

/** Debian's chromium; `CHROMIUM` names another one. */
export const openBrowser = async (looks: Looks = {}): Promise<Visitor> => {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: FLAGS,
    viewport: { width: looks.width ?? 1280, height: looks.height ?? 800 },
    colorScheme: looks.theme ?? 'light',
    // What moves without end is drawn without end, by the processor.
    reducedMotion: 'reduce',
    locale: 'ko-KR',
    // A page must not lean on the clock of the machine that shows it.
    timezoneId: 'Pacific/Auckland',
    acceptDownloads: true,
  });
  context.setDefaultTimeout(20_000);
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
};
