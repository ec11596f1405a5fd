import { describe, expect, it } from 'vitest';
import { InvalidKeyError } from './alphabet.js';
import { KeyPattern } from './pattern.js';
import { KeyRegistry } from './registry.js';
import { defineKey } from './template.js';

const Stats = defineKey('agent:{agentId}:stats:{timeframe}', { grace: 5 });
const Any = defineKey('agent:{agentId}:{kind}:{when}', { ttl: 9 });
const Throwing = defineKey('boom:{id}', {
  tags: () => {
    throw new Error('mistake of the application');
  },
});

describe('KeyRegistry', () => {
  const registry = new KeyRegistry([Stats, Any, Throwing]);

  it('gives a raw key what the first fitting template gives', () => {
    expect(registry.resolve('agent:1:stats:7d')).toEqual(Stats({ agentId: '1', timeframe: '7d' }));
    expect(registry.resolve('agent:1:runs:7d').family.label).toBe('agent:{agentId}:{kind}:{when}');
  });

  it('passes over a template whose parameter refuses the segment', () => {
    expect(registry.resolve('agent:1:stats:2h').family.label).toBe('agent:{agentId}:{kind}:{when}');
    expect(registry.resolve('boom:1').family.label).toBe('other');
  });

  it('returns a key as it is', () => {
    const key = Stats({ agentId: 1, timeframe: '7d' });
    expect(registry.resolve(key)).toBe(key);
  });

  it('labels the rest as other, with the tags of their form and the TTL of their last segment', () => {
    expect(registry.resolve('metric:cpu:user:1:30d')).toMatchObject({
      name: 'metric:cpu:user:1:30d',
      tags: ['metric:cpu', 'user:1'],
      ttl: 3_600_000,
      family: { label: 'other', version: 1 },
    });
    expect(registry.resolve('plain').ttl).toBeUndefined();
    expect(registry.resolve('all').ttl).toBeUndefined();
    expect(registry.resolve('x:constructor').ttl).toBeUndefined();
  });

  it.each(['', 'a b', 'agent:*'])('refuses %j', (key) => {
    expect(() => registry.resolve(key)).toThrow(InvalidKeyError);
  });

  it('refuses what only looks like a key', () => {
    expect(() => registry.resolve({ name: 'k', tags: [] } as never)).toThrow(InvalidKeyError);
    const proxied = new Proxy(Stats({ agentId: 1, timeframe: '7d' }), {});
    expect(() => registry.resolve(proxied)).toThrow(InvalidKeyError);
  });

  it('gives a key the reserved tags of the indexed patterns that match it', () => {
    const indexed = new KeyRegistry([], [KeyPattern.parse('agent:*'), KeyPattern.parse('user:*')]);
    expect(indexed.resolve('agent:1:x').tags).toEqual(['agent:1', '~agent:*']);
    expect(indexed.resolve(Stats({ agentId: 1, timeframe: '7d' })).tags).toEqual(['agent:1', '~agent:*']);
  });

  it('has a label for any name, also for one that is no key', () => {
    const names = ['agent:1:stats:7d', 'boom:1', 'a b', '', '}x{', 'k'.repeat(300)];
    expect(names.map((name) => registry.labelOf(name))).toEqual([
      'agent:{agentId}:stats:{timeframe}',
      ...['other', 'other', 'other', 'other', 'other'],
    ]);
  });
});
