import { checkKey, isKey } from './alphabet.js';
import { entityTags } from './entity-tags.js';
import { CacheKey, type KeyFamily } from './key.js';
import { Memo } from '../primitives/memo.js';
import { indexTag, type KeyPattern } from './pattern.js';
import type { KeyTemplate } from './template.js';
import { isTimeframe, TIMEFRAME_TTL } from './timeframes.js';

/** As many raw keys as are remembered with what they stand for, at least: half a kilobyte each. */
const REMEMBERED = 2_000;

const OTHER: KeyFamily = Object.freeze({ label: 'other', ttl: undefined, policy: {}, version: 1 });

/** Turns what users pass as a key into a {@link CacheKey}; raw strings take the TTL, tags and label of the template that they fit. */
export class KeyRegistry {
  // To read a name takes 1 µs, five times as long as all the rest of a hit in memory.
  readonly #resolved = new Memo(REMEMBERED, (text: string) => this.#indexed(this.#read(text)));

  constructor(
    private readonly templates: readonly KeyTemplate[] = [],
    private readonly indexed: readonly KeyPattern[] = [],
  ) {}

  /** @throws InvalidKeyError for a string outside the key alphabet, or any other type */
  resolve(key: string | CacheKey): CacheKey {
    return typeof key === 'string' ? this.#resolved.of(key) : this.#indexed(CacheKey.is(key) ? key : this.#read(key));
  }

  #read(text: string): CacheKey {
    return this.#fromText(checkKey(text));
  }

  #indexed(resolved: CacheKey): CacheKey {
    if (this.indexed.length === 0) return resolved;
    const tags = this.indexed.filter((pattern) => pattern.matches(resolved.name)).map(({ text }) => indexTag(text));
    return tags.length === 0 ? resolved : resolved.withTags(tags);
  }

  /** The label of a name, which may be none of ours: then `other`. */
  labelOf(name: string): string {
    return isKey(name) ? this.#fromText(name).family.label : OTHER.label;
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
