import { checkKey } from './alphabet.js';
import { entityTags } from './entity-tags.js';
import { CacheKey, type KeyFamily } from './key.js';
import type { KeyTemplate } from './template.js';
import { isTimeframe, TIMEFRAME_TTL } from './timeframes.js';

const OTHER: KeyFamily = Object.freeze({ label: 'other', ttl: undefined, grace: undefined, version: 1 });

/** Turns what users pass as a key into a {@link CacheKey}; raw strings take the TTL, tags and label of the template that they fit. */
export class KeyRegistry {
  constructor(private readonly templates: readonly KeyTemplate[] = []) {}

  /** @throws InvalidKeyError for a string outside the key alphabet, or any other type */
  resolve(key: string | CacheKey): CacheKey {
    if (key instanceof CacheKey) return key;
    const name = checkKey(key);
    for (const template of this.templates) {
      const fitting = fits(template, name);
      if (fitting) return fitting;
    }
    const segments = name.split(':');
    return new CacheKey(name, entityTags(segments), OTHER, ttlBySuffix(segments));
  }
}

/** A raw key may have a segment that its template's parameter refuses (an unknown timeframe, say): then it is not one of its keys. */
function fits(template: KeyTemplate, name: string): CacheKey | undefined {
  try {
    return template.match(name);
  } catch {
    return undefined;
  }
}

function ttlBySuffix(segments: readonly string[]): number | undefined {
  const last = segments.at(-1);
  return segments.length > 1 && isTimeframe(last) ? 1000 * TIMEFRAME_TTL[last] : undefined;
}
