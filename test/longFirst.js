import Sequencer from '@jest/test-sequencer';

const LONG = /[\\/]test[\\/](simulation|fuzz|e2e|integration)[\\/]/;

/**
 * Without the times of an earlier run jest begins with the largest files. The longest runs are in
 * small ones: begun last, such a one goes on alone while the other workers have nothing left to do.
 */
export default class LongFirst extends Sequencer {
  /**
   * @param {import('@jest/test-result').Test[]} tests
   * @returns {import('@jest/test-result').Test[]}
   */
  sort(tests) {
    return super.sort(tests).sort((a, b) => Number(LONG.test(b.path)) - Number(LONG.test(a.path)));
  }
}
