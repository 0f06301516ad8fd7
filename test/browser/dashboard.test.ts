import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import type { SupabaseClient } from '@supabase/supabase-js';
import type { Page } from 'playwright-core';
import { formatFor } from '../../dashboard/src/i18n/format.ts';
import { batchOf, reading, ZONE } from '../support/batches.ts';
import { addUser, signIn } from '../support/signIn.ts';
import { openBrowser, type Visitor } from './chromium.ts';
import { openShop, type Shop, SITE } from './shop.ts';
import { complaints, prefer, setLanguage, settled, signInAt, until } from './visit.ts';

const PAGES = ['overview', 'store', 'live', 'customers', 'pipeline'] as const;
const ARTEFACTS = 'artefacts/dashboard';
const OTHER_ORG = '7a000000-0000-4000-8000-000000000001';
const OTHER_STORES = [
  { id: '7a000000-0000-4000-8000-000000000002', store_name: 'Corner shop' },
  { id: '7a000000-0000-4000-8000-000000000003', store_name: 'Market hall' },
];

const FIRST_FIGURES_MS = 1_500;
/** From the start of the navigation until there is a figure on the page, by the page's own clock. */
const FIRST_FIGURES = `new Promise((resolve) => {
  const look = () => document.querySelector('.tile-value') && resolve(performance.now());
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  look();
})`;

const WORK_MS = 50;

/** How often longer work takes than on a machine that does nothing else; there, it is 1. */
const contention = (): number => {
  const [begin, used] = [performance.now(), process.cpuUsage()];
  const workedMs = () => {
    const { user, system } = process.cpuUsage(used);
    return (user + system) / 1_000;
  };
  while (workedMs() < WORK_MS);
  return Math.max(1, (performance.now() - begin) / WORK_MS);
};

// A browser and a database share the machine with whatever else it does.
jest.setTimeout(300_000);

let shop: Shop;
let manager: SupabaseClient;
let visitor: Visitor;
let page: Page;

const open = async (hash: string): Promise<void> => {
  await page.goto(`${shop.stack.url}/#/${hash}`);
  await settled(page);
};

const rpc = async (name: string, args: object = {}) => {
  const { data, error } = await manager.rpc(name, { store_id: shop.stack.storeId, ...args });
  if (error) throw error;
  return data;
};

beforeAll(async () => {
  shop = await openShop();
  manager = await signIn(shop.stack, shop.stack.demoUser);
  visitor = await openBrowser();
  await prefer(visitor.context, 'en');
  page = await visitor.context.newPage();
}, 400_000);
afterAll(async () => {
  await manager?.auth.signOut();
  await visitor?.close();
  await shop?.close();
});

afterEach(() => visitor?.context.setOffline(false));

const tile = (name: string) =>
  page.locator('.tile', { has: page.getByText(name, { exact: true }) });
const value = async (name: string) => (await tile(name).locator('.tile-value').innerText()).trim();

it('lets nobody in with a wrong password, and says so', async () => {
  await page.goto(shop.stack.url);
  expect(await complaints(page)).toEqual([]);
  await page.fill('input[name=email]', shop.stack.demoUser.email);
  await page.fill('input[name=password]', 'not this one');
  await page.click('button[type=submit]');
  await page.getByText('The email or the password is not right.').waitFor();
  await page.screenshot({ path: `${ARTEFACTS}/sign-in-wrong-en-light.png` });
});

it('shows the figures that SQL gives', async () => {
  const format = formatFor('en', shop.timeZone);
  await signInAt(page, shop.stack.url, shop.stack.demoUser);
  await settled(page);
  const [now, before] = await rpc('kpi_compare');
  expect(now.footfall).toBeGreaterThan(20);
  expect(before.footfall).toBeGreaterThan(20);
  expect(await value('Footfall')).toBe(format.count(now.footfall));
  expect(await value('Unique visitors')).toBe(format.count(now.unique_visitors));
  expect(await value('Average dwell')).toBe(format.duration(now.mean_dwell_seconds));
  expect(await value('Median dwell')).toBe(format.duration(now.median_dwell_seconds));
  expect(await value('Bounce rate')).toBe(format.percent(now.bounce_rate));
  expect(await value('Engagement')).toBe(format.percent(now.engagement_rate));
  expect(await value('Peak hour')).toBe(format.hour(now.peak_hour));
  expect(await tile('Footfall').innerText()).toContain(`was ${format.count(before.footfall)}`);
  const [live] = await rpc('kpi_occupancy');
  expect(await value('In the shop now')).toBe(format.count(live.visitors));
  const from_ts = new Date(shop.midnightMs).toISOString();
  const [people] = await rpc('kpi_people', { from_ts });
  expect(Math.abs(people.footfall / now.footfall - 1)).toBeLessThan(0.5);
  expect(await tile('Footfall').innerText()).toContain(
    `about ${Math.round(people.footfall)} people (${Math.floor(people.footfall_low)}\u2060–\u2060${Math.ceil(people.footfall_high)})`,
  );
});

it('shows on Store, Customers and Pipeline what SQL gives, too', async () => {
  const format = formatFor('en', shop.timeZone);
  const from_ts = new Date(shop.midnightMs).toISOString();
  const to_ts = new Date(shop.midnightMs + 86_400_000).toISOString();
  const cells = (title: string) =>
    page.getByRole('region', { name: title, exact: true }).locator('details td').allTextContents();

  await open('store?metric=reach');
  const zones = await rpc('kpi_zones', { from_ts, to_ts });
  for (const { zone_name, reach } of zones)
    await page
      .getByRole('button', {
        name: new RegExp(`^${zone_name}, .*, Reach ${format.percent(reach)}$`),
      })
      .waitFor();

  await open('customers');
  const funnel = await rpc('kpi_funnel', { from_ts, to_ts });
  expect((await cells('Funnel')).filter((_, column) => column % 3 === 1)).toEqual(
    funnel.map(({ visits }: { visits: number }) => format.count(visits)),
  );
  const paths = await rpc('kpi_paths', { from_ts, to_ts });
  expect((await cells('Paths between zones')).slice(0, 3)).toEqual([
    paths[0].from_zone_name,
    paths[0].to_zone_name,
    format.count(paths[0].moves),
  ]);

  await open('pipeline');
  const [health] = await rpc('ingest_health');
  expect(await value('Rows stored')).toBe(format.count(health.zone_events));
  expect(await value('Batches')).toBe(format.count(health.runs));
  const layout = await manager.from('sensors').select('sensor_code');
  const sensors = new Set([
    ...(layout.data ?? []).map(({ sensor_code }) => sensor_code),
    ...(await rpc('ingest_sensors')).map(({ sensor_id }: { sensor_id: string }) => sensor_id),
  ]);
  expect(await page.locator('.sensors li').count()).toBe(sensors.size);
});

it('keeps the hour that was chosen, and counts it alone', async () => {
  await open('store?metric=visits&hour=14');
  const from_ts = new Date(shop.midnightMs + 14 * 3_600_000).toISOString();
  const to_ts = new Date(shop.midnightMs + 15 * 3_600_000).toISOString();
  for (const { zone_name, entrants } of await rpc('kpi_zones', { from_ts, to_ts }))
    await page
      .getByRole('button', { name: new RegExp(`^${zone_name}, .*, Visits ${entrants}$`) })
      .waitFor();
  await page.getByRole('button', { name: 'Whole day' }).click();
  await until(page, `!location.hash.includes('hour')`);
});

it('says what a figure means, with the store’s threshold, also to the keyboard', async () => {
  await open('overview');
  const button = page.getByRole('button', { name: 'What Bounce rate means' });
  await button.focus();
  const tip = page.getByRole('tooltip');
  expect(await tip.innerText()).toMatch(/shorter than 2m/);
  await page.keyboard.press('Escape');
  await tip.waitFor({ state: 'hidden' });
});

it('gives as a file what is on the screen', async () => {
  await open('customers');
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV download, Funnel' }).click(),
  ]);
  const lines = readFileSync(await file.path(), 'utf8').split('\r\n');
  expect(lines[0]).toBe('\ufeffStage,Visits,Of those who entered');
  expect(lines).toHaveLength(6);
});

it('is used by keyboard alone', async () => {
  const other = await openBrowser();
  try {
    await prefer(other.context, 'en');
    const keys = await other.context.newPage();
    const focused = () =>
      keys.evaluate<string>(
        `(document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText ?? '').trim()`,
      );
    const tabTo = async (what: RegExp) => {
      for (let presses = 0; presses < 80; presses += 1) {
        await keys.keyboard.press('Tab');
        if (what.test(await focused())) return;
      }
      throw new Error(`Tab never reached ${what}`);
    };
    await keys.goto(shop.stack.url);
    await keys.locator('input[name=email]').waitFor();
    await keys.keyboard.press('Tab');
    await keys.keyboard.type(shop.stack.demoUser.email);
    await keys.keyboard.press('Tab');
    await keys.keyboard.type(shop.stack.demoUser.password);
    await keys.keyboard.press('Enter');
    await settled(keys);
    await tabTo(/^Skip to content$/);
    await tabTo(/^Store$/);
    await keys.keyboard.press('Enter');
    await keys.getByRole('heading', { level: 1, name: 'Store' }).waitFor();
    await settled(keys);
    await tabTo(/^Cosmetics, Display, Dwell /);
    await keys.keyboard.press('Enter');
    await keys.getByRole('heading', { level: 2, name: 'Cosmetics', exact: true }).waitFor();
    await until(keys, `location.hash.includes('zone=')`);
    await settled(keys);
    await keys.evaluate('window.scrollTo(0, 0)');
    await keys.screenshot({ path: `${ARTEFACTS}/store-zone-en-light.png`, fullPage: true });
    expect(await complaints(keys)).toEqual([]);
    await tabTo(/^Close$/);
    await keys.keyboard.press('Enter');
    await keys.getByRole('heading', { level: 2, name: 'Zones by rank' }).waitFor();
  } finally {
    await other.close();
  }
});

it('changes language and theme, and remembers both', async () => {
  await open('overview');
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: '한국어' }).check();
  await page.getByRole('heading', { level: 1, name: '개요' }).waitFor();
  await page.getByRole('radio', { name: '어둡게' }).check();
  expect(await complaints(page)).toEqual([]);
  await page.screenshot({ path: `${ARTEFACTS}/settings-ko-dark.png` });
  await page.reload();
  await settled(page);
  expect(await page.locator('html').getAttribute('lang')).toBe('ko');
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe(
    'dark',
  );
  await page.evaluate(`localStorage.removeItem('neuralsense.preferences')`);
  await page.reload();
  await settled(page);
});

it('hides all that is not data on a wall screen, until Escape', async () => {
  await open('live?kiosk=1');
  expect(await page.locator('nav').isVisible()).toBe(false);
  await page.screenshot({ path: `${ARTEFACTS}/kiosk-live.png` });
  expect(await complaints(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.locator('nav').waitFor();
});

it('stands still for who wants no motion', async () => {
  const moving = `document.getAnimations().filter((a) => a.playState === 'running').length`;
  await open('overview');
  await page.locator('.status.is-live').waitFor();
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await until(page, `${moving} > 0`);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await until(page, `${moving} === 0`);
});

it('hears of what was stored, without asking', async () => {
  await open('overview');
  await page.locator('.status.is-live').waitFor();
  // More than may leave meanwhile.
  const phones = Array.from({ length: 30 }, (_, phone) => phone + 1);
  expect(Number(await value('In the shop now'))).toBeLessThan(phones.length);
  const now = new Date().toISOString();
  const { data } = await shop.admin.rpc('ingest_neuralsense_batch', {
    batch: batchOf(phones.map((phone) => reading(now, ZONE.aisle, phone))),
  });
  expect(data.counts.zone_events).toBe(phones.length);
  await until(
    page,
    `Number([...document.querySelectorAll('.tile-value')].at(-1).innerText) >= ${phones.length}`,
  );
});

it('moves the live picture with every count, and tells who came and left', async () => {
  const count = async (aisle: number, checkout: number, entries: number, exits: number) => {
    const { error } = await shop.admin.rpc('broadcast_live', {
      live: {
        store_id: shop.stack.storeId,
        at: new Date().toISOString(),
        entries,
        exits,
        zones: [
          { zone_code: '8', visitors: aisle },
          { zone_code: '18', visitors: checkout },
        ],
      },
    });
    if (error) throw error;
  };
  await open('live');
  await page.locator('.status.is-live').waitFor();
  await count(30, 4, 0, 0);
  await page.getByRole('img', { name: 'Central Aisle, Aisle, Now 30 people' }).waitFor();
  await page.getByRole('img', { name: 'Checkout, Checkout, Now 4 people' }).waitFor();
  await page.getByRole('img', { name: 'Entrance, Entrance, Now 0 people' }).waitFor();
  await count(27, 6, 2, 3);
  await page.getByText('Central Aisle 3 fewer, now 27').waitFor();
  await page.getByText('Checkout 2 more, now 6').waitFor();
  expect(await value('In the shop now')).toBe('33');
  expect(await value('Came in')).toBe('2');
  expect(await value('Left')).toBe('3');
  await page.screenshot({ path: `${ARTEFACTS}/live-moving-en-light.png`, fullPage: true });
  expect(await complaints(page)).toEqual([]);
});

it('says for how many seconds it has been offline, and recovers', async () => {
  await open('overview');
  await visitor.context.setOffline(true);
  await page.locator('.banner.is-offline').waitFor();
  expect(await page.locator('.banner').innerText()).toMatch(/\d+s old/);
  expect(await page.locator('.status').innerText()).toBe('Offline');
  await page.screenshot({ path: `${ARTEFACTS}/offline-en-light.png` });
  await visitor.context.setOffline(false);
  await page.locator('.banner.is-offline').waitFor({ state: 'detached' });
});

it('shows the stores of one’s own organisation, and nothing of another', async () => {
  const { admin, stack } = shop;
  await admin.from('organisations').insert({ id: OTHER_ORG, name: 'Other' });
  const placed = { org_id: OTHER_ORG, time_zone: 'Asia/Seoul' };
  await admin.from('stores').insert(OTHER_STORES.map((store) => ({ ...store, ...placed })));
  const other = await openBrowser();
  try {
    await prefer(other.context, 'en');
    const theirs = await other.context.newPage();
    const answers: Array<{ url: string; status: number }> = [];
    theirs.on('response', (answer) => answers.push({ url: answer.url(), status: answer.status() }));
    await signInAt(theirs, stack.url, await addUser(stack, [OTHER_ORG]));
    // Also when it asks for it by name, as a page of an old tab might.
    await theirs.evaluate(
      `localStorage.setItem('neuralsense.preferences', '{"language":"en","storeId":"${stack.storeId}"}')`,
    );
    await theirs.reload();
    await settled(theirs);
    const text = await theirs.locator('body').innerText();
    expect(text).toContain('Corner shop');
    expect(text).not.toContain('Demo store');
    expect(text).not.toContain('Womenswear');
    expect(await theirs.locator('.tile-value').first().innerText()).toBe('0');
    await theirs.screenshot({ path: `${ARTEFACTS}/empty-store-en-light.png`, fullPage: true });
    expect(await complaints(theirs)).toEqual([]);
    await theirs.getByRole('combobox', { name: 'Store' }).selectOption('Market hall');
    await theirs.reload();
    await settled(theirs);
    const chosen = theirs.getByRole('combobox', { name: 'Store' });
    expect(await chosen.locator('option').allInnerTexts()).toEqual(['Corner shop', 'Market hall']);
    expect(await chosen.inputValue()).toBe(OTHER_STORES[1]?.id);
    expect(answers.filter(({ status }) => status >= 400)).toEqual([]);
  } finally {
    await other.close();
  }
});

describe('the looks', () => {
  const looks = [
    { language: 'ko', width: 1280, checked: 'light' },
    { language: 'en', width: 1280, checked: 'dark' },
    { language: 'ko', width: 390, checked: 'dark' },
    { language: 'en', width: 390, checked: 'light' },
  ] as const;

  afterAll(async () => {
    await page?.setViewportSize({ width: 1280, height: 800 });
    await page?.emulateMedia({ colorScheme: 'light' });
  });

  it.each(looks)(
    '$language, $width px: nothing hidden, nothing for axe to say ($checked)',
    async ({ language, width, checked }) => {
      await setLanguage(page, language);
      for (const name of PAGES) {
        await page.setViewportSize({ width, height: 844 });
        await page.goto(`${shop.stack.url}/#/${name}`);
        await settled(page);
        // As high as all of it: what is fixed to the window's foot covers nothing in the picture.
        const height = await page.evaluate<number>('document.documentElement.scrollHeight');
        await page.setViewportSize({ width, height });
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          const path = `${ARTEFACTS}/${name}-${language}-${colorScheme}-${width}.png`;
          await page.screenshot({ path, fullPage: true });
          if (colorScheme === checked) expect([name, await complaints(page)]).toEqual([name, []]);
        }
        expect([name, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([
          name,
          width,
        ]);
      }
    },
  );

  it('has a place for what is being loaded, and for what could not be', async () => {
    const failing = await visitor.context.newPage();
    try {
      await failing.route('**/rest/v1/rpc/kpi_{compare,hourly,zones,funnel}', (route) =>
        route.fulfill({ status: 500, json: { message: 'down', code: 'XX000' } }),
      );
      await failing.goto(`${shop.stack.url}/#/overview`);
      await failing.locator('.skeleton').first().waitFor();
      await failing.screenshot({ path: `${ARTEFACTS}/loading-en-light.png` });
      expect(await complaints(failing)).toEqual([]);
      await until(failing, `document.querySelectorAll('[role=alert]').length === 4`);
      await failing.screenshot({ path: `${ARTEFACTS}/error-en-light.png`, fullPage: true });
      expect(await complaints(failing)).toEqual([]);
      await failing.unrouteAll();
      await failing.getByRole('button', { name: 'Try again' }).first().click();
      await failing.locator('.tile-value').first().waitFor();
    } finally {
      await failing.close();
    }
  });
});

describe('the budget', () => {
  it('is 200 KB of script, compressed', () => {
    const scripts = readdirSync(join(SITE, 'assets')).filter((file) => file.endsWith('.js'));
    const bytes = scripts
      .map((file) => gzipSync(readFileSync(join(SITE, 'assets', file))).length)
      .reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(200 * 1024);
  });

  it('is 1.5 s until the first figures', async () => {
    const times: number[] = [];
    // The best of some, and of a machine of its own: other work says nothing about the page.
    while (times.length < 12 && Math.min(...times) >= FIRST_FIGURES_MS) {
      const before = contention();
      await page.goto('about:blank');
      await page.goto(`${shop.stack.url}/#/overview`);
      const ms = await page.evaluate<number>(FIRST_FIGURES);
      const shared = Math.min(before, contention());
      process.stderr.write(
        `first figures after ${ms.toFixed()} ms, ${shared.toFixed(1)} to a CPU\n`,
      );
      times.push(ms / shared);
    }
    expect(Math.min(...times)).toBeLessThan(FIRST_FIGURES_MS);
  });
});
