import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { en } from '../src/i18n/en.ts';
import { formatFor } from '../src/i18n/format.ts';
import { ko } from '../src/i18n/ko.ts';
import { fill, type MessageKey } from '../src/i18n/translate.ts';

const SOURCES = join(process.cwd(), 'dashboard', 'src');
const KEYS = Object.keys(ko) as MessageKey[];

const placeholders = (message: string) =>
  [...message.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);

const source = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/i18n[\\/](ko|en)\.ts$/.test(file))
  .map((file) => readFileSync(join(SOURCES, file), 'utf8'))
  .join('\n');

/** Keys stand in the source as they are, or as a template with a part left open. */
const templates = [...source.matchAll(/`([a-z]+\.[^`]*\$\{[^`]*)`/g)].map(
  ([, template = '']) =>
    new RegExp(`^${template.replaceAll('.', '\\.').replace(/\$\{[^}]+\}/g, '\\w+')}$`),
);

describe('the catalogues', () => {
  it('hold the same keys', () => {
    expect(Object.keys(en).sort()).toEqual([...KEYS].sort());
  });

  it('leave the same places open', () => {
    for (const key of KEYS)
      expect([key, new Set(placeholders(en[key]))]).toEqual([key, new Set(placeholders(ko[key]))]);
  });

  it('hold nothing that no page says, and no empty message', () => {
    const unused = KEYS.filter(
      (key) => !source.includes(`'${key}'`) && !templates.some((template) => template.test(key)),
    );
    expect(unused).toEqual([]);
    expect(KEYS.filter((key) => !ko[key].trim() || !en[key].trim())).toEqual([]);
  });

  it('are the only place with words: no Korean elsewhere', () => {
    const words = source.match(/[가-힣]+/g) ?? [];
    expect(new Set(words)).toEqual(new Set(['한국어', '일', '시간', '분', '초', '시']));
  });
});

describe('what is written', () => {
  it('fills places, and shows one that was forgotten', () => {
    expect(fill('{a} of {b}', { a: 1 })).toBe('1 of {b}');
  });

  it('keeps a Korean ending on the line of its figure', () => {
    expect(fill('방문의 {share}입니다.', { share: '5%' })).toBe('방문의 5%\u2060입니다.');
  });

  it('says one visit, and two visits', () => {
    const said = [1, '1', 2, '1,000', 0].map((n) => fill('{n} {n:visit|visits}', { n }));
    expect(said).toEqual(['1 visit', '1 visit', '2 visits', '1,000 visits', '0 visits']);
  });

  it('is in the reader’s language and the store’s time', () => {
    const korean = formatFor('ko', 'Asia/Seoul');
    const english = formatFor('en', 'Asia/Seoul');
    expect(korean.duration(754)).toBe('12분 34초');
    expect(english.duration(3_725)).toBe('1h 2m');
    expect(korean.duration(0)).toBe('0초');
    expect(english.duration(3_600)).toBe('1h');
    expect([korean.hour(9), english.hour(9)]).toEqual(['9시', '09:00']);
    expect(korean.count(1_234_567)).toBe('1,234,567');
    expect(english.percent(0.1234)).toBe('12.3%');
    expect(english.points(-0.0512)).toBe('5.1');
    expect(korean.clockSeconds('2026-03-02T00:05:09Z')).toBe('09:05:09');
    expect(english.clock('2026-03-01T15:00:00Z')).toBe('00:00');
    expect(formatFor('en', 'Asia/Seol').clock('2026-03-01T15:00:00Z')).toBe('15:00');
    expect([korean.latency(412.4), korean.latency(1_940)]).toEqual(['412 ms', '1.9 s']);
    expect(korean.day('2026-03-02')).toBe('2026년 3월 2일 (월)');
    expect(korean.dayName('2026-03-02')).toBe('3월 2일 (월)');
    expect(english.dayName('2026-03-02')).toMatch(/^Mon,? 2 Mar$/);
  });
});
