import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A part of the product in a process of its own, which may be ended at any moment. */
export interface Part {
  readonly pid: () => number;
  /** Ends it with the signal and waits for that. */
  readonly end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
  readonly start: () => Promise<void>;
}

export interface Backend extends Part {
  /** Another one after each start. */
  readonly port: () => number;
  /** Deno's process; undefined while it is being restarted. */
  readonly functionPid: () => Promise<number | undefined>;
}

interface Said {
  readonly url: string;
  readonly functionPid?: number;
}

const PROCESS = fileURLToPath(new URL('./backendProcess.ts', import.meta.url));

const answerOf = async (child: ChildProcess): Promise<Said> => {
  const over = once(child, 'exit').then(() => {
    throw new Error('the Supabase side ended');
  });
  const [said] = await Promise.race([once(child, 'message'), over]);
  return said;
};

/** A Supabase project on a PostgreSQL server; `dataDir` holds its secrets. */
export const startBackend = async (databaseUrl: string, dataDir: string): Promise<Backend> => {
  const launch = (): ChildProcess =>
    fork(PROCESS, [databaseUrl, dataDir], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  let child = launch();
  let { url } = await answerOf(child);
  return {
    pid: () => child.pid ?? 0,
    port: () => Number(new URL(url).port),
    functionPid: async () => {
      const answer = answerOf(child);
      child.send('how are you');
      return (await answer).functionPid;
    },
    end: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
    start: async () => {
      child = launch();
      url = (await answerOf(child)).url;
    },
  };
};
