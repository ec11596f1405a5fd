import { checkKey } from './alphabet.js';
import { entityTags } from './entity-tags.js';
import { CacheKey, type KeyFamily } from './key.js';
import type { KeyPattern } from './pattern.js';
import type { KeyTemplate } from './template.js';
import { isTimeframe, TIMEFRAME_TTL } from './timeframes.js';

/** The tag of all keys that an indexed pattern matches; outside the key alphabet, so no user's tag is it. */
export function indexTag(pattern: string): string {
  return `~${pattern}`;
}

const OTHER: KeyFamily = Object.freeze({ label: 'other', ttl: undefined, policy: {}, version: 1 });

/** Turns what users pass as a key into a {@link CacheKey}; raw strings take the TTL, tags and label of the template that they fit. */
export class KeyRegistry {
  constructor(
    private readonly templates: readonly KeyTemplate[] = [],
    private readonly indexed: readonly KeyPattern[] = [],
  ) {}

  /** @throws InvalidKeyError for a string outside the key alphabet, or any other type */
  resolve(key: string | CacheKey): CacheKey {
    const resolved = key instanceof CacheKey ? key : this.#fromText(checkKey(key));
    const tags = this.indexed.filter((pattern) => pattern.matches(resolved.name)).map(({ text }) => indexTag(text));
    return tags.length === 0 ? resolved : resolved.withTags(tags);
  }

  #fromText(name: string): CacheKey {
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
