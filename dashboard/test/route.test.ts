import { isOnThisMachine, loadSiteConfig } from '../src/app/config.ts';
import { readPreferences, writePreferences } from '../src/app/preferences.ts';
import { changedRoute, parseRoute, routeHash } from '../src/app/route.ts';

describe('the address', () => {
  it('says what is on the page, and survives being written and read', () => {
    const hash = '#/store?day=2026-03-02&days=7&metric=reach&hour=14&zone=z&kiosk=1';
    expect(routeHash(parseRoute(hash))).toBe(hash);
    expect(routeHash(parseRoute(''))).toBe('#/overview');
  });

  it('takes no notice of what cannot be', () => {
    for (const hour of ['x', '24', '-1'])
      expect(parseRoute(`#/elsewhere?day=2026-13-45&days=99&hour=${hour}`)).toEqual({
        page: 'overview',
        days: 1,
        kiosk: false,
      });
  });

  it('takes a choice back', () => {
    const route = changedRoute(parseRoute('#/store?zone=z&hour=3'), { zone: undefined });
    expect(routeHash(route)).toBe('#/store?hour=3');
  });
});

describe('preferences', () => {
  it('are Korean and as the system has it until chosen, and kept', () => {
    localStorage.clear();
    expect(readPreferences(localStorage)).toEqual({ language: 'ko', theme: 'system' });
    writePreferences(localStorage, { language: 'en', theme: 'dark', storeId: 's' });
    expect(readPreferences(localStorage)).toEqual({ language: 'en', theme: 'dark', storeId: 's' });
    localStorage.setItem('neuralsense.preferences', '{"language":"fr","theme":3');
    expect(readPreferences(localStorage)).toEqual({ language: 'ko', theme: 'system' });
  });
});

describe('the project', () => {
  const answering = (body: unknown) => {
    globalThis.fetch = (() => Promise.resolve({ json: () => Promise.resolve(body) })) as never;
  };
  const config = { supabaseUrl: 'http://x', publishableKey: 'k' };

  it('is that of the build, else of config.json', async () => {
    answering({ supabaseUrl: 'http://file', publishableKey: 'file' });
    expect(await loadSiteConfig('http://x', 'k')).toEqual(config);
    expect(await loadSiteConfig('', '')).toMatchObject({ supabaseUrl: 'http://file' });
  });

  it('is the embedded one on this machine only', () => {
    const at = (supabaseUrl: string) => isOnThisMachine({ supabaseUrl, publishableKey: 'k' });
    expect(at('http://127.0.0.1:54321')).toBe(true);
    expect(at('https://abc.supabase.co')).toBe(false);
  });

  it('is missing where config.json lacks a part', async () => {
    answering({ supabaseUrl: 'http://file' });
    await expect(loadSiteConfig('', '')).rejects.toThrow(/publishableKey/);
  });
});
