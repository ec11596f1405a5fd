import type { Invalidation } from '../engine/invalidation-batch.js';
import { checkKey } from '../keys/alphabet.js';
import { CacheKey } from '../keys/key.js';
import { KeyPattern } from '../keys/pattern.js';
import { indexTag } from '../keys/registry.js';
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
  const texts = patterns.map((pattern) => KeyPattern.parse(pattern).text);
  const isIndexed = (text: string): boolean => indexed.some((pattern) => pattern.text === text);
  return {
    tags: [...tags.map((tag) => checkKey(tag, 'tag')), ...texts.filter(isIndexed).map(indexTag)],
    keys: keys.map((key) => (key instanceof CacheKey ? key.name : checkKey(key))),
    patterns: texts.filter((text) => !isIndexed(text)),
  };
}
