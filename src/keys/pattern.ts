import { checkKey, InvalidKeyError } from './alphabet.js';

// At most four stars: a long run of them makes glob matching exponential in older servers.
const PATTERN = /^[a-zA-Z0-9:_.*?-]{1,256}$/;
const MAX_STARS = 4;
const RULE = `1 to 256 characters of a-z A-Z 0-9 : _ - . with at most ${MAX_STARS} * and any ?, beginning with a literal segment such as user:`;
const LITERAL_HEAD = /^[a-zA-Z0-9_.-]+(:|$)/;

/** A glob over keys: `*` is any run of characters, `?` one character, both across colons, as in Redis. */
export class KeyPattern {
  private constructor(readonly text: string) {}

  /**
   * The pattern that `text` says. A bare `*`, or one without a literal first segment, is refused: clearing everything
   * has a method of its own. @throws InvalidKeyError
   */
  static parse(text: unknown): KeyPattern {
    if (typeof text === 'string' && PATTERN.test(text) && LITERAL_HEAD.test(text) && stars(text) <= MAX_STARS)
      return new KeyPattern(text);
    throw new InvalidKeyError('pattern', RULE, text);
  }

  /** Goes back to the last star only, which is enough; a regular expression would try every one, a second for one key. */
  matches(key: string): boolean {
    const { text } = this;
    let [at, star, resume] = [0, -1, 0];
    let i = 0;
    while (i < key.length) {
      if (text[at] === '*') {
        star = at++;
        resume = i;
      } else if (text[at] === '?' || text[at] === key[i]) {
        at++;
        i++;
      } else if (star >= 0) {
        at = star + 1;
        i = ++resume;
      } else return false;
    }
    while (text[at] === '*') at++;
    return at === text.length;
  }
}

// Outside the key alphabet, so no user's tag begins with it.
const INDEX_MARK = '~';

/** The reserved tag of all keys that an indexed pattern matches. */
export function indexTag(pattern: string): string {
  return `${INDEX_MARK}${pattern}`;
}

/** `tag` when a key may carry it: one of the key alphabet, or the reserved tag of a pattern. @throws InvalidKeyError */
export function checkTag(tag: unknown): string {
  if (typeof tag !== 'string' || !tag.startsWith(INDEX_MARK)) return checkKey(tag, 'tag');
  return indexTag(KeyPattern.parse(tag.slice(INDEX_MARK.length)).text);
}

function stars(text: string): number {
  return text.split('*').length - 1;
}
