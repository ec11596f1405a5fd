import { describe, expect, it } from 'vitest';
import { OwnRecords } from './own-records.js';

function following(): OwnRecords {
  const own = new OwnRecords();
  own.startFrom('100-0');
  return own;
}

describe('OwnRecords', () => {
  it('misses a record that the ledger was read past without finding it', () => {
    const own = following();
    own.appended('200-0');

    expect(own.isMissingUpTo('199-5')).toBe(false);
    expect(own.isMissingUpTo('200-0')).toBe(true);
  });

  it('misses nothing that was read, in whichever order the answers come', () => {
    const own = following();
    own.appended('200-0');
    own.read('200-0');
    own.read('200-1');
    own.appended('200-1');

    expect(own.isMissingUpTo('300-0')).toBe(false);
  });

  it('awaits nothing from before it follows the ledger, nor when it does not', () => {
    const own = new OwnRecords();
    own.appended('50-0');
    own.startFrom('100-0');
    own.appended('99-3');
    own.appended('150-0');
    own.forget();

    expect(own.isMissingUpTo('300-0')).toBe(false);
  });
});
