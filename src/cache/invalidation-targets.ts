import type { Invalidation } from '../engine/invalidation-batch.js';
import { checkKey, checkList } from '../keys/alphabet.js';
import { CacheKey } from '../keys/key.js';
import { indexTag, KeyPattern } from '../keys/pattern.js';
import type { KeyLike } from './call-options.js';

/** What is to be invalidated, as users write it. */
export interface Targets {
  readonly tags?: readonly string[] | undefined;
  readonly keys?: readonly KeyLike[] | undefined;
  readonly patterns?: readonly string[] | undefined;
}

/** `targets` checked, with listed patterns on their short road. @throws InvalidKeyError */
export function resolveTargets(
  { tags = [], keys = [], patterns = [] }: Targets,
  indexed: readonly KeyPattern[],
): Omit<Invalidation, 'cause'> {
  const texts = checkList(patterns, 'patterns', (pattern) => KeyPattern.parse(pattern).text);
  const isIndexed = (text: string): boolean => indexed.some((pattern) => pattern.text === text);
  return {
    tags: [...checkList(tags, 'tags', (tag) => checkKey(tag, 'tag')), ...texts.filter(isIndexed).map(indexTag)],
    keys: checkList(keys, 'keys', (key) => (CacheKey.is(key) ? key.name : checkKey(key))),
    patterns: texts.filter((text) => !isIndexed(text)),
  };
}
