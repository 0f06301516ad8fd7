import { either as E } from 'fp-ts';
import type { IClientOptions } from 'mqtt';

/** `%` may stand for itself in a password that nobody encoded. */
const decoded = (text: string): string =>
  E.getOrElse(() => text)(E.tryCatch(() => decodeURIComponent(text), String));

/**
 * A broker's URL as mqtt.js understands all of them: it takes a name and a password apart at the last
 * colon of their decoded text, and makes no websocket to an IPv6 address, whose brackets it drops.
 *
 * @throws TypeError where `text` is no URL
 */
export const brokerAddress = (
  text: string,
): { readonly url: string; readonly options: IClientOptions } => {
  const url = new URL(text);
  const { hostname, protocol, username, password } = url;
  url.username = '';
  url.password = '';
  return {
    url: username === '' && password === '' ? text : url.href,
    options: {
      ...(username !== '' && { username: decoded(username) }),
      ...(password !== '' && { password: decoded(password) }),
      ...(protocol.startsWith('ws') && { hostname }),
    },
  };
};
