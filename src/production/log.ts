import { createLogger, format, type Logger, transports } from 'winston';
import type { PipelineEvent } from '../model/shapes.ts';

const shown = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value) : String(value);

/**
 * MAC addresses (but for twelve decimal digits, which may be a number), their hashes, and keys: an answer from outside, which is
 * logged with the failure that it explains, may repeat what was sent.
 */
const PRIVATE =
  /(?<![0-9a-f])(?:[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}|[0-9a-f]{12}(?<!\d{12})(?<!-[0-9a-f]{12})|[0-9a-f]{64})(?![0-9a-f])|\b(?:nsit|sb_secret)_[\w-]+|\beyJ[\w-]+\.[\w.-]+/gi;

/** `06:31:02 warn  delivery failed sink="upload" attempts=4` */
const line = format.printf(({ level, message, timestamp, ...details }) => {
  const fields = Object.entries(details).map(([name, value]) => `${name}=${shown(value)}`);
  return [timestamp, level.padEnd(5), message, ...fields].join(' ').replace(PRIVATE, '…');
});

/** A winston logger that writes one line an event to `stream`. */
export const createLog = (level: string, stream: NodeJS.WritableStream): Logger =>
  createLogger({
    level,
    format: format.combine(format.timestamp({ format: 'HH:mm:ss' }), line),
    transports: [new transports.Stream({ stream })],
  });

/** An event as a log entry: its name is the message, its details are the fields. */
export const logEvent =
  (logger: Logger) =>
  ({ level, event, ...details }: PipelineEvent): void => {
    logger.log({ level, message: event, ...details });
  };
