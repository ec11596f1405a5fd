import { InvalidKeyError } from '../../keys/alphabet.js';
import { CacheKey, type KeyFamily } from '../../keys/key.js';
import type { KeyTemplate } from '../../keys/template.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { Calendar } from './calendar.js';
import { bucketTags } from './time-tags.js';

/** Between the name of a bucket and the part of it that is meant. */
const CUT = '_';

/** Which part of time a key is for. */
export interface BucketPart {
  /** When the bucket begins. */
  readonly start: Milliseconds;
  /** The part of it that is meant; left out: all of it. */
  readonly cut?: { readonly from: Milliseconds; readonly to: Milliseconds } | undefined;
}

/** Makes the keys of a series' buckets, which carry tags of their time in place of those of the whole. */
export class BucketKeys {
  constructor(
    private readonly whole: KeyTemplate,
    private readonly calendar: Calendar,
    private readonly family: KeyFamily,
  ) {}

  /** @throws InvalidKeyError for one that is too long */
  of(whole: CacheKey, { start, cut }: BucketPart, ttl?: Milliseconds): CacheKey {
    const label = this.calendar.label(start) + (cut ? `${CUT}${cut.from}${CUT}${cut.to}` : '');
    return this.#named(whole, label, start, ttl);
  }

  /** The same as a template with the parameter `bucket`, so that raw keys have their tags and label. */
  template(): KeyTemplate {
    const build = ({ bucket, ...rest }: Readonly<Record<string, string | number>>): CacheKey => {
      const key = this.#labelled(this.whole(rest), String(bucket));
      if (key) return key;
      throw new InvalidKeyError('key parameter bucket', `the name of a bucket of ${this.calendar.id}`, bucket);
    };
    const match = (name: string): CacheKey | undefined => {
      const [id, label] = name.split(':').slice(-2);
      if (id !== this.calendar.id || label === undefined) return undefined;
      const whole = this.whole.match(name.slice(0, -`:${id}:${label}`.length));
      return whole && this.#labelled(whole, label);
    };
    return Object.assign(build as KeyTemplate, { template: this.family.label, family: this.family, match });
  }

  #labelled(whole: CacheKey, label: string): CacheKey | undefined {
    const start = this.calendar.startFrom(label.split(CUT, 1)[0] ?? '');
    return start === undefined ? undefined : this.#named(whole, label, start);
  }

  #named({ name, tags }: CacheKey, label: string, start: Milliseconds, ttl?: Milliseconds): CacheKey {
    return new CacheKey(
      `${name}:${this.calendar.id}:${label}`,
      bucketTags(tags, this.calendar, start),
      this.family,
      ttl,
    );
  }
}
