import { describe, expect, it } from 'vitest';
import { RememberedKeys } from './remembered-keys.js';

function state() {
  return { tag: 'user:1', token: undefined, told: undefined, epoch: 0, holders: 0 };
}

describe('a key that Redis does not have', () => {
  it('was never there when this process knows nothing of it', () => {
    expect(new RememberedKeys(10).whyAbsent('k', 0)).toBe('absent');
  });

  it('was evicted when it should be there still, and has expired when not', () => {
    const keys = new RememberedKeys(10);
    keys.remember('k', { keepUntil: 100, states: [], keptAfter: 0 });
    expect([keys.whyAbsent('k', 99), keys.whyAbsent('k', 100)]).toEqual(['evicted', 'expired']);
  });

  it('was invalidated when it or a tag of it was', () => {
    const keys = new RememberedKeys(10);
    const tag = state();
    keys.remember('tagged', { keepUntil: 100, states: [tag], keptAfter: 0 });
    keys.remember('k', { keepUntil: 100, states: [], keptAfter: 0 });
    tag.epoch = 1;
    keys.invalidated('k');
    expect([keys.whyAbsent('tagged', 0), keys.whyAbsent('k', 0)]).toEqual(['invalidated', 'invalidated']);
  });

  it('is forgotten when there are too many, the oldest first', () => {
    const keys = new RememberedKeys(2);
    for (const key of ['a', 'b', 'a', 'c']) keys.remember(key, { keepUntil: 100, states: [], keptAfter: 0 });
    expect(['a', 'b', 'c'].map((key) => keys.whyAbsent(key, 0))).toEqual(['evicted', 'absent', 'evicted']);
  });
});
