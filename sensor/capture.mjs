// @ts-check
import { spawn } from 'node:child_process';
import { readPcap } from './pcap.mjs';
import { readProbeRequest } from './probeRequest.mjs';

/** @typedef {import('./probeRequest.mjs').ProbeRequest & { ts: number }} Heard */

/**
 * Runs a command that writes pcap to its output. `probes` ends when the command does, after `stop` or
 * of its own accord, and throws where its output is no capture.
 *
 * @param {string} command
 */
export const openCapture = (command) => {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return {
    /** @returns {AsyncGenerator<Heard>} */
    probes: async function* () {
      for await (const { ts, bytes } of readPcap(child.stdout)) {
        const probe = readProbeRequest(bytes);
        if (probe !== undefined) yield { ...probe, ts };
      }
    },
    stop: () => void child.kill('SIGTERM'),
  };
};
