import { InvalidKeyError } from './alphabet.js';

// At most four stars: a long run of them makes glob matching exponential in older servers.
const PATTERN = /^[a-zA-Z0-9:_.*?-]{1,256}$/;
const MAX_STARS = 4;
const RULE = `1 to 256 characters of a-z A-Z 0-9 : _ - . with at most ${MAX_STARS} * and any ?, beginning with a literal segment such as user:`;
const LITERAL_HEAD = /^[a-zA-Z0-9_.-]+(:|$)/;

/** A glob over keys: `*` is any run of characters, `?` one character, both across colons, as in Redis. */
export class KeyPattern {
  readonly #matcher: RegExp;

  private constructor(readonly text: string) {
    const source = text.replace(/[.]/g, '\\.').replace(/\*+/g, '.*').replace(/\?/g, '.');
    this.#matcher = new RegExp(`^${source}$`);
  }

  /**
   * The pattern that `text` says. A bare `*`, or one without a literal first segment, is refused: clearing everything
   * has a method of its own. @throws InvalidKeyError
   */
  static parse(text: unknown): KeyPattern {
    if (typeof text === 'string' && PATTERN.test(text) && LITERAL_HEAD.test(text) && stars(text) <= MAX_STARS)
      return new KeyPattern(text);
    throw new InvalidKeyError('pattern', RULE, text);
  }

  matches(key: string): boolean {
    return this.#matcher.test(key);
  }
}

function stars(text: string): number {
  return text.split('*').length - 1;
}
