import { matchesFilter } from '../../model/topic.ts';
import { espresense } from './espresense.ts';
import type { Decode, Format } from './format.ts';
import { monitor } from './monitor.ts';
import { decodeNative } from './native.ts';
import { openMqttGateway } from './openMqttGateway.ts';
import { roomAssistant } from './roomAssistant.ts';
import { sensorHealth } from './sensorHealth.ts';

/** Where each system publishes unless it was told otherwise. */
const FOREIGN = {
  espresense: { base: 'espresense', make: espresense },
  openmqttgateway: { base: 'home', make: openMqttGateway },
  theengs: { base: 'home', make: openMqttGateway },
  'room-assistant': { base: 'room-assistant/entity', make: roomAssistant },
  monitor: { base: 'monitor', make: monitor },
} as const;

export type FormatName = 'native' | keyof typeof FOREIGN;

export const FORMAT_NAMES: ReadonlyArray<FormatName> = [
  'native',
  ...(Object.keys(FOREIGN) as ReadonlyArray<keyof typeof FOREIGN>),
];

/** A format, and the beginning of its topics where that is not the usual one. */
export interface FormatChoice {
  readonly name: FormatName;
  readonly base?: string;
}

/** Reads `native,espresense,monitor:location`; undefined where a name is none of the formats. */
export const readFormats = (text: string): ReadonlyArray<FormatChoice> | undefined => {
  const choices = text.split(',').map((part) => {
    const [name = '', base] = part.trim().split(/:(.*)/s);
    const known = FORMAT_NAMES.find((one) => one === name.toLowerCase());
    if (known === undefined || base === '' || (known === 'native' && base !== undefined)) return [];
    return [{ name: known, ...(base !== undefined && { base: base.replace(/\/+$/, '') }) }];
  });
  return choices.some(({ length }) => length === 0) ? undefined : choices.flat();
};

const formatOf = ({ name, base }: FormatChoice, nativeTopics: ReadonlyArray<string>) => {
  if (name === 'native') return [sensorHealth, { topics: nativeTopics, decode: decodeNative }];
  return [FOREIGN[name].make(base ?? FOREIGN[name].base)];
};

/** Several formats as one: a message belongs to the first whose topics take its topic. */
export const chooseFormats = (
  choices: ReadonlyArray<FormatChoice>,
  nativeTopics: ReadonlyArray<string>,
): Format => {
  const formats: ReadonlyArray<Format> = choices.flatMap((one) => formatOf(one, nativeTopics));
  const formatFor = (topic: string): Format | undefined =>
    formats.find(({ topics }) => topics.some((filter) => matchesFilter(filter, topic)));
  // Most messages come on the topic of the one before.
  let latest: { readonly topic: string; readonly format: Format | undefined } | undefined;
  const decode: Decode = (message) => {
    const { topic } = message;
    if (latest?.topic !== topic) latest = { topic, format: formatFor(topic) };
    return latest.format?.decode(message) ?? [];
  };
  return { topics: [...new Set(formats.flatMap(({ topics }) => topics))], decode };
};
