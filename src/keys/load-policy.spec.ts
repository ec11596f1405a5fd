import { describe, expect, it } from 'vitest';
import { checkedPolicy, DEFAULT_POLICY, resolvePolicy } from './load-policy.js';

describe('a load policy', () => {
  it('is the wider one where nothing is said, without a copy', () => {
    expect(resolvePolicy(DEFAULT_POLICY, {})).toBe(DEFAULT_POLICY);
    expect(resolvePolicy(DEFAULT_POLICY, { grace: undefined as never })).toBe(DEFAULT_POLICY);
  });

  it('takes grace in seconds, timeouts in milliseconds', () => {
    const serveStaleOn = (): boolean => false;
    const said = { grace: 1.5, softTimeoutMs: 200, hardTimeoutMs: 900, refreshAhead: 0.5, beta: 0, throttleMs: 10 };
    expect(resolvePolicy(DEFAULT_POLICY, { ...said, serveStaleOn, source: 'warehouse' })).toEqual({
      grace: 1_500,
      softTimeout: 200,
      hardTimeout: 900,
      refreshAhead: 0.5,
      beta: 0,
      throttle: 10,
      serveStaleOn,
      source: 'warehouse',
    });
  });

  it('names the option and whose it is when it refuses one', () => {
    expect(() => checkedPolicy({ refreshAhead: 2 }, ' of board:{id}')).toThrow(
      'refreshAhead of board:{id} must be a number from 0.01 to 1; received 2',
    );
  });
});

describe('the failures that may be hidden behind a stale value', () => {
  const { serveStaleOn } = DEFAULT_POLICY;

  it.each([new Error('connection lost'), 'text', null, undefined, { status: 500 }, { status: 429 }, { status: '404' }])(
    'include %j',
    (error) => {
      expect(serveStaleOn(error)).toBe(true);
    },
  );

  it.each([{ status: 404 }, { status: 403 }, { statusCode: 410 }, Object.assign(new Error('gone'), { status: 404 })])(
    'do not include %j: the source has answered',
    (error) => {
      expect(serveStaleOn(error)).toBe(false);
    },
  );
});
