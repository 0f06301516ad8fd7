import type { IncomingMessage } from 'node:http';
import { either as E } from 'fp-ts';
import type { Version } from './frame.ts';

export const PATH = '/realtime/v1/websocket';

/** A client that may come in. */
export interface Visitor {
  readonly version: Version;
  /** The project's key with which it came. */
  readonly key: string;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * A browser says which page asks. Pages of this origin may, and pages of this machine (a
 * development server); what names no page is no browser.
 */
const isWelcome = ({ origin, host }: IncomingMessage['headers']): boolean => {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  return page.host === host || LOOPBACK.test(page.hostname);
};

const versionOf = (asked: string | null): Version | undefined => {
  if (asked === null || asked === '1.0.0') return '1.0.0';
  return asked === '2.0.0' ? asked : undefined;
};

/** Whether a request to become a websocket may. Left: the HTTP status that refuses it. */
export const knock = (
  request: IncomingMessage,
  keys: ReadonlyArray<string>,
): E.Either<number, Visitor> => {
  const url = `http://origin${request.url}`;
  if (!URL.canParse(url)) return E.left(400);
  const { pathname, searchParams } = new URL(url);
  if (pathname !== PATH) return E.left(404);
  if (!isWelcome(request.headers)) return E.left(403);
  const key = searchParams.get('apikey') ?? String(request.headers['apikey'] ?? '');
  if (!keys.includes(key)) return E.left(401);
  const version = versionOf(searchParams.get('vsn'));
  return version === undefined ? E.left(400) : E.right({ version, key });
};
