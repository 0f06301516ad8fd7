import { knownTimeZone } from '../model/timeZone.ts';
import type { Language } from './translate.ts';

/** Numbers, times and lengths as people of one language write them, in the store's time zone. */
export interface Format {
  readonly count: (n: number) => string;
  readonly percent: (share: number) => string;
  /** A difference of two rates, in percentage points, without its sign. */
  readonly points: (difference: number) => string;
  /** `3분 25초`, `3m 25s`; the two largest units. */
  readonly duration: (seconds: number) => string;
  readonly latency: (milliseconds: number) => string;
  /** An hour of the day, 0…23. */
  readonly hour: (hour: number) => string;
  readonly clock: (at: Date | number | string) => string;
  readonly clockSeconds: (at: Date | number | string) => string;
  /** A day of the calendar, `2026-03-02`. */
  readonly day: (day: string) => string;
  readonly dayShort: (day: string) => string;
  /** With its weekday, without its year. */
  readonly dayName: (day: string) => string;
}

const LOCALE: Readonly<Record<Language, string>> = { ko: 'ko-KR', en: 'en-GB' };

const UNITS: Readonly<Record<Language, readonly [string, string, string, string]>> = {
  ko: ['일', '시간', '분', '초'],
  en: ['d', 'h', 'm', 's'],
};

const duration =
  (language: Language) =>
  (seconds: number): string => {
    const left = Math.max(0, Math.round(seconds));
    const amounts = [
      Math.floor(left / 86_400),
      Math.floor(left / 3600) % 24,
      Math.floor(left / 60) % 60,
      left % 60,
    ];
    const first = amounts.findIndex((amount) => amount > 0);
    if (first === -1) return `0${UNITS[language][3]}`;
    return amounts
      .map((amount, unit) => ({ amount, unit }))
      .filter(({ amount, unit }) => amount > 0 && (unit === first || unit === first + 1))
      .map(({ amount, unit }) => `${amount}${UNITS[language][unit]}`)
      .join(' ');
  };

const hour = (language: Language) => (value: number) =>
  language === 'ko' ? `${value}시` : `${String(value).padStart(2, '0')}:00`;

export const formatFor = (language: Language, writtenZone: string): Format => {
  const timeZone = knownTimeZone(writtenZone);
  const locale = LOCALE[language];
  const number = (options?: Intl.NumberFormatOptions) => {
    const format = new Intl.NumberFormat(locale, options);
    return (n: number) => format.format(n);
  };
  const time = (options: Intl.DateTimeFormatOptions, zone: string) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
    return (at: Date | number | string) => format.format(new Date(at));
  };
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const tenths = number({ maximumFractionDigits: 1 });
  return {
    count: number(),
    percent: number({ style: 'percent', maximumFractionDigits: 1 }),
    points: (difference) => tenths(Math.abs(difference) * 100),
    duration: duration(language),
    latency: (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${tenths(ms / 1000)} s`),
    hour: hour(language),
    clock: time(clock, timeZone),
    clockSeconds: time({ ...clock, second: '2-digit' }, timeZone),
    day: time({ year: 'numeric', month: 'short', day: 'numeric', weekday: 'short' }, 'UTC'),
    dayShort: time({ month: 'short', day: 'numeric' }, 'UTC'),
    dayName: time({ month: 'short', day: 'numeric', weekday: 'short' }, 'UTC'),
  };
};
