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
    const tagsOf = (): string[] => [];
    const rest = { serveStaleOn, source: 'warehouse', tagsOf, lateTags: true, spotCheck: 0.5, maxStale: 0.1 };
    expect(resolvePolicy(DEFAULT_POLICY, { ...said, ...rest })).toEqual({
      grace: 1_500,
      softTimeout: 200,
      hardTimeout: 900,
      refreshAhead: 0.5,
      beta: 0,
      throttle: 10,
      serveStaleOn,
      source: 'warehouse',
      tagsOf,
      lateTags: true,
      spotCheck: Math.log(2),
      advice: null,
      maxStale: 0.1,
    });
  });

  it('has nothing due for a share of none, and everything for all', () => {
    expect(resolvePolicy(DEFAULT_POLICY, { spotCheck: 0 }).spotCheck).toBe(0);
    expect(resolvePolicy(DEFAULT_POLICY, { spotCheck: 1 }).spotCheck).toBe(Infinity);
  });

  it('adds up the tags that template and call make of a value', () => {
    const template = resolvePolicy(DEFAULT_POLICY, { tagsOf: ({ owner }: { owner: string }) => [owner] });
    const call = resolvePolicy(template, { tagsOf: ({ team }: { team: string }) => [team] });
    expect(call.tagsOf?.({ owner: 'user:1', team: 'team:2' })).toEqual(['user:1', 'team:2']);
  });

  it.each([
    ['tagsOf', ['user:1'], 'tagsOf must be a function; received an array of 1'],
    ['lateTags', 'yes', 'lateTags must be true or false; received "yes"'],
  ])('refuses a %s of another kind', (name, value, message) => {
    expect(() => checkedPolicy({ [name]: value })).toThrow(message);
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
