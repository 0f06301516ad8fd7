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

/**
 * A Supabase project on a PostgreSQL server; `dataDir` holds its secrets. Each start listens on
 * another port, and `moved` learns which.
 */
export const startBackend = async (
  databaseUrl: string,
  dataDir: string,
  moved: (port: number) => void,
): Promise<Backend> => {
  let child: ChildProcess;
  let isWanted = true;
  const start = async (): Promise<void> => {
    isWanted = true;
    child = fork(PROCESS, [databaseUrl, dataDir], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const launched = child;
    // Its database driver throws when a server dies amid a write: as in the cloud, it comes back.
    launched.once('exit', () => {
      if (isWanted && child === launched) start().catch(() => undefined);
    });
    moved(Number(new URL((await answerOf(launched)).url).port));
  };
  await start();
  return {
    pid: () => child.pid ?? 0,
    functionPid: async () => {
      const answer = answerOf(child);
      child.send('how are you');
      return (await answer).functionPid;
    },
    end: async (signal) => {
      isWanted = false;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
    start,
  };
};
