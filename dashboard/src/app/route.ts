export const PAGES = ['overview', 'store', 'live', 'customers', 'pipeline'] as const;
export type Page = (typeof PAGES)[number];

/** What the address says: the page, and what is chosen on it. */
export interface Route {
  readonly page: Page;
  /** The last day of the period; absent is today. */
  readonly day?: string;
  readonly days: number;
  readonly zone?: string;
  readonly metric?: string;
  readonly hour?: number;
  readonly kiosk: boolean;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

const isDay = (text: string | null): text is string =>
  text !== null && DAY.test(text) && !Number.isNaN(Date.parse(text));

const whole = (text: string | null, least: number, most: number): number | undefined => {
  const value = Number(text);
  const isUsable = text !== null && Number.isInteger(value) && value >= least && value <= most;
  return isUsable ? value : undefined;
};

/** `#/store?day=2026-03-02&zone=4`; what cannot be used counts as not there. */
export const parseRoute = (hash: string): Route => {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const given = new URLSearchParams(query);
  const [day, zone, metric] = [given.get('day'), given.get('zone'), given.get('metric')];
  const hour = whole(given.get('hour'), 0, 23);
  return {
    page: PAGES.find((page) => page === path) ?? 'overview',
    days: whole(given.get('days'), 1, 28) ?? 1,
    kiosk: given.has('kiosk'),
    ...(isDay(day) && { day }),
    ...(zone !== null && { zone }),
    ...(metric !== null && { metric }),
    ...(hour !== undefined && { hour }),
  };
};

export const routeHash = ({ page, day, days, zone, metric, hour, kiosk }: Route): string => {
  const query = new URLSearchParams({
    ...(day !== undefined && { day }),
    ...(days !== 1 && { days: String(days) }),
    ...(metric !== undefined && { metric }),
    ...(hour !== undefined && { hour: String(hour) }),
    ...(zone !== undefined && { zone }),
    ...(kiosk && { kiosk: '1' }),
  }).toString();
  return `#/${page}${query && `?${query}`}`;
};

/** A change of the route; undefined takes a choice back. */
export type RouteChange = { readonly [Key in keyof Route]?: Route[Key] | undefined };

export const changedRoute = (route: Route, change: RouteChange): Route =>
  parseRoute(routeHash({ ...route, ...change } as Route));
