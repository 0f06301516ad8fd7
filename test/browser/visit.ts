import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import type { Credentials } from '../../src/embedded/auth/users.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export type Language = 'ko' | 'en';

/** What was chosen on this machine before. */
export const prefer = (context: BrowserContext, language: Language): Promise<unknown> =>
  context.addInitScript(
    `localStorage.getItem('neuralsense.preferences') ?? localStorage.setItem('neuralsense.preferences', '{"language":"${language}"}')`,
  );

/** Changes what was chosen before, and loads the page anew. */
export const setLanguage = async (page: Page, language: Language): Promise<void> => {
  await page.evaluate(
    `localStorage.setItem('neuralsense.preferences', '{"language":"${language}"}')`,
  );
  await page.reload();
};

const PATIENCE_MS = 30_000;

/** Waits until an expression is true in the page, which lets nobody evaluate from within. */
export const until = async (page: Page, expression: string): Promise<void> => {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(50))
    if (await page.evaluate<boolean>(expression)) return;
  throw new Error(`in vain: ${expression}`);
};

/** Waits until nothing on the page is being fetched for the first time. */
export const settled = async (page: Page): Promise<void> => {
  await page.locator('h1').waitFor();
  await until(
    page,
    `document.querySelector('.skeleton, [aria-busy="true"]') === null && document.querySelector('main .card') !== null`,
  );
};

export const signInAt = async (page: Page, url: string, user: Credentials): Promise<void> => {
  await page.goto(url);
  await page.fill('input[name=email]', user.email);
  await page.fill('input[name=password]', user.password);
  await page.click('button[type=submit]');
  await page.locator('nav').waitFor();
};

/** What axe has to say against the page, WCAG 2.2 AA and its own good advice. */
export const complaints = async (page: Page): Promise<ReadonlyArray<string>> => {
  // Fading text has less contrast than text that has arrived.
  await until(
    page,
    `document.getAnimations().every((a) => a.effect.getComputedTiming().iterations === Infinity || a.playState !== 'running')`,
  );
  await page.evaluate(AXE);
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.map(({ id, help, nodes }) => id + ': ' + help + ' @ ' + nodes.slice(0, 3).map(({ html, any }) => html.slice(0, 140) + ' ' + (any[0]?.message ?? '')).join(' | ')))`);
};
