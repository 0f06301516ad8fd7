import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import type { Claims, ReadClaims } from './claims.ts';
import { type Frame, readBroadcastPush, readFrame, type Version, writeFrame } from './frame.ts';

/** What a connection may ask of its relay. */
export interface Authority {
  readonly readClaims: ReadClaims;
  readonly mayListen: (claims: Claims, topic: string) => Promise<boolean>;
  readonly now: () => number;
}

/** A message for who listens to a topic. */
export interface Broadcast {
  readonly id: string;
  readonly topic: string;
  readonly event: string;
  readonly payload: unknown;
}

interface Channel {
  readonly joinRef: string | null;
  readonly claims: Claims;
}

const PREFIX = 'realtime:';
const MAX_CHANNELS = 50;

const JoinPayload = t.intersection([
  t.type({ config: t.type({ private: t.literal(true) }) }),
  t.partial({ access_token: t.union([t.string, t.null]) }),
]);
const TokenPayload = t.type({ access_token: t.string });

const notAllowed = (topic: string): string =>
  `Unauthorized: You do not have permissions to read from this Channel topic: ${topic}`;

/**
 * One client's channels. `send` gets frames for it; `key` is the project's key with which it
 * connected. Frames are taken one after another: wait for `take` before the next.
 */
export class Connection {
  readonly #channels = new Map<string, Channel>();
  readonly #version: Version;
  readonly #key: string;
  readonly #authority: Authority;
  readonly #send: (text: string) => void;

  constructor(version: Version, key: string, authority: Authority, send: (text: string) => void) {
    this.#version = version;
    this.#key = key;
    this.#authority = authority;
    this.#send = send;
  }

  get channels(): number {
    return this.#channels.size;
  }

  /** Answers one message of the client; false where it is none of this protocol. */
  async take(message: string | Buffer): Promise<boolean> {
    const frame =
      typeof message === 'string' ? readFrame(this.#version, message) : readBroadcastPush(message);
    if (frame === undefined) return false;
    if (frame.topic === 'phoenix' && frame.event === 'heartbeat') this.#reply(frame, 'ok', {});
    else if (frame.event === 'phx_join') await this.#join(frame);
    else if (frame.event === 'phx_leave') this.#leave(frame);
    else if (frame.event === 'access_token') await this.#renew(frame);
    else this.#refuse(frame, 'Unauthorized: Clients only listen here');
    return true;
  }

  /**
   * Hands a broadcast on where its topic is joined, the token still counts and its user may still
   * listen: who has left the organisation hears nothing more.
   */
  async tell(
    { id, topic, event, payload }: Broadcast,
    mayListen: Authority['mayListen'] = this.#authority.mayListen,
  ): Promise<void> {
    const name = PREFIX + topic;
    const channel = this.#channels.get(name);
    if (channel === undefined || this.#isOver(name, channel)) return;
    if (!(await mayListen(channel.claims, topic))) return this.#close(name, notAllowed(topic));
    if (this.#channels.get(name) !== channel) return;
    const said = { type: 'broadcast', event, payload, meta: { id } };
    this.#write({ joinRef: null, ref: null, topic: name, event: 'broadcast', payload: said });
  }

  /** Closes the channels whose tokens have expired. */
  sweep(): void {
    for (const [name, channel] of this.#channels) this.#isOver(name, channel);
  }

  #write(frame: Frame): void {
    this.#send(writeFrame(this.#version, frame));
  }

  #reply({ joinRef, ref, topic }: Frame, status: 'ok' | 'error', response: object): void {
    if (ref === null) return;
    this.#write({ joinRef, ref, topic, event: 'phx_reply', payload: { status, response } });
  }

  #refuse(frame: Frame, reason: string): void {
    this.#reply(frame, 'error', { reason });
  }

  #isOver(name: string, { claims }: Channel): boolean {
    const isOver = claims.expiresAt <= this.#authority.now();
    if (isOver) this.#close(name, 'InvalidJWTToken: Token has expired');
    return isOver;
  }

  /** Says why, then that it is over: as Supabase does, for good, until the client joins again. */
  #close(topic: string, message: string): void {
    const channel = this.#channels.get(topic);
    if (channel === undefined) return;
    this.#channels.delete(topic);
    const { joinRef } = channel;
    const why = { extension: 'system', status: 'error', message, channel: topic };
    this.#write({ joinRef, ref: null, topic, event: 'system', payload: why });
    this.#write({ joinRef, ref: joinRef, topic, event: 'phx_close', payload: {} });
  }

  /** Left: why this token does not open this channel. */
  async #admit(token: string, name: string): Promise<E.Either<string, Claims>> {
    const claims = await this.#authority.readClaims(token);
    if (E.isLeft(claims)) return claims;
    const topic = name.slice(PREFIX.length);
    if (name.startsWith(PREFIX) && (await this.#authority.mayListen(claims.right, topic)))
      return claims;
    return E.left(notAllowed(topic));
  }

  async #join(frame: Frame): Promise<void> {
    const { topic, payload } = frame;
    if (!JoinPayload.is(payload))
      return this.#refuse(frame, 'PrivateOnly: This project only allows private channels');
    if (this.#channels.size >= MAX_CHANNELS && !this.#channels.has(topic))
      return this.#refuse(frame, 'ChannelRateLimitReached: Too many channels');
    const claims = await this.#admit(payload.access_token ?? this.#key, topic);
    if (E.isLeft(claims)) return this.#refuse(frame, claims.left);
    this.#channels.set(topic, { joinRef: frame.joinRef ?? frame.ref, claims: claims.right });
    this.#reply(frame, 'ok', { postgres_changes: [] });
  }

  #leave(frame: Frame): void {
    this.#channels.delete(frame.topic);
    this.#reply(frame, 'ok', {});
  }

  /** A session that was renewed; one that may not listen any more has to go. */
  async #renew({ topic, payload }: Frame): Promise<void> {
    const channel = this.#channels.get(topic);
    if (channel === undefined || !TokenPayload.is(payload)) return;
    const claims = await this.#admit(payload.access_token, topic);
    if (E.isLeft(claims)) this.#close(topic, claims.left);
    else this.#channels.set(topic, { ...channel, claims: claims.right });
  }
}
