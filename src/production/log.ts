import { createLogger, format, type Logger, transports } from 'winston';
import type { PipelineEvent } from '../model/shapes.ts';
import { safeText } from './safeText.ts';

const shown = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value) : String(value);

/** `06:31:02 warn  delivery failed sink="upload" attempts=4` */
const line = format.printf(({ level, message, timestamp, ...details }) => {
  const fields = Object.entries(details).map(([name, value]) => `${name}=${shown(value)}`);
  return safeText([timestamp, level.padEnd(5), message, ...fields].join(' '));
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
