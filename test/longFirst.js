import Sequencer from '@jest/test-sequencer';

const LONG = /[\\/]test[\\/]simulation[\\/]/;

/**
 * Without the times of an earlier run jest begins with the largest files. The longest run is in a
 * small one: begun last, it goes on alone while the other workers have nothing left to do.
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
