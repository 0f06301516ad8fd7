/**
 * Tells what the broker kept in our absence from what is live: it delivers in order, so the
 * backlog ends where our own word of this connection comes back to us.
 */
export const backlogFence = (statusTopic: string) => {
  let ownWord: string | undefined;
  let isBacklog = false;
  return {
    /** A connection has begun. */
    resumed: (sessionPresent: boolean): void => {
      isBacklog = sessionPresent;
    },
    /** What we just published on our status topic. */
    said: (state: string): void => {
      ownWord = state;
    },
    /** Without our own word, nothing could end the backlog. */
    lift: (): void => {
      isBacklog = false;
    },
    isBacklog: (): boolean => isBacklog,
    /** True for a message that was only meant for the fence. */
    takes: (topic: string, payload: Buffer): boolean => {
      if (topic !== statusTopic) return false;
      if (payload.toString() === ownWord) isBacklog = false;
      return true;
    },
  };
};
export type BacklogFence = ReturnType<typeof backlogFence>;
