import { describe, expect, it } from 'vitest';
import { InvalidKeyError } from './alphabet.js';
import { CacheKey } from './key.js';
import { indexTag } from './pattern.js';
import { defineKey } from './template.js';

const Thing = defineKey('thing:{id}');
const { family } = Thing({ id: 1 });

describe('a key', () => {
  it('has the TTL of its family unless it is given one', () => {
    const timed = { ...family, ttl: 5 };
    expect(new CacheKey('a:1', ['a:1'], timed)).toMatchObject({ name: 'a:1', tags: ['a:1'], family: timed, ttl: 5 });
    expect(new CacheKey('a:1', [], timed, 7).ttl).toBe(7);
  });

  it.each<[string, unknown, unknown]>([
    ['a pattern', 'user:*', []],
    ['no characters', '', []],
    ['more than 256 characters', 'k'.repeat(257), []],
    ['an array', ['k', 'EX', '1'], []],
    ['a String object', new String('k'), []],
    ['tags that are no array', 'k', 'user:1'],
    ['tags with a hole', 'k', new Array(1)],
    ['the tag of everything', 'k', ['*']],
    ['the tag of no pattern', 'k', ['~}x{']],
    ['the tag of a bare star', 'k', ['~*']],
  ])('is not made of %s', (_, name, tags) => {
    expect(() => new CacheKey(name as string, tags as string[], family)).toThrow(InvalidKeyError);
  });

  it('cannot be changed, nor can what it was made of change it', () => {
    const tags = ['user:1'];
    const key = new CacheKey('k', tags, family);
    tags.push('*');

    expect(key.tags).toEqual(['user:1']);
    expect(() => Object.assign(key, { name: 'user:*' })).toThrow(TypeError);
    expect(() => (key.tags as string[]).push('*')).toThrow(TypeError);
    expect(() => Object.defineProperty(key, 'withTags', { value: () => key })).toThrow(TypeError);
  });

  it('takes further tags, each once and checked, the reserved ones of patterns too', () => {
    const key = new CacheKey('k', ['user:1'], family, 7);

    expect(key.withTags([])).toBe(key);
    expect(key.withTags(['user:1', 'a'])).toEqual(new CacheKey('k', ['user:1', 'a'], family, 7));
    expect(key.withTags([indexTag('user:*')]).tags).toEqual(['user:1', '~user:*']);
    expect(() => key.withTags(['user:*'])).toThrow(InvalidKeyError);
  });
});

describe('CacheKey.is', () => {
  it('knows what was made as a key', () => {
    expect([Thing({ id: 1 }), new CacheKey('k', [], family)].map((key) => CacheKey.is(key))).toEqual([true, true]);
  });

  it.each<[string, unknown]>([
    ['its name', 'thing:1'],
    ['null', null],
    ['what looks like one', Object.assign({}, Thing({ id: 1 }))],
    ['its prototype', Object.create(CacheKey.prototype)],
    ['a Proxy of one', new Proxy(Thing({ id: 1 }), {})],
  ])('refuses %s', (_, value) => {
    expect(CacheKey.is(value)).toBe(false);
  });
});
