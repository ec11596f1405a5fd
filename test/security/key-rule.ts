/*
 * What docs/keys.md says of keys, segments and patterns, written again: character by character and without regular
 * expressions, so that it shares no mistake with the rule in the source.
 */

const LONGEST = 256;
const MOST_STARS = 4;

function isBetween(code: number, first: string, last: string): boolean {
  return code >= first.charCodeAt(0) && code <= last.charCodeAt(0);
}

function isWordCode(code: number): boolean {
  const isAlphanumeric = isBetween(code, 'a', 'z') || isBetween(code, 'A', 'Z') || isBetween(code, '0', '9');
  return isAlphanumeric || '_-.'.includes(String.fromCharCode(code));
}

function isMadeOf(text: string, others: string): boolean {
  if (text.length < 1 || text.length > LONGEST) return false;
  for (let i = 0; i < text.length; i += 1)
    if (!isWordCode(text.charCodeAt(i)) && !others.includes(text[i] as string)) return false;
  return true;
}

/** 1 to 256 characters of `a-zA-Z0-9:_-.` */
export function isKey(text: string): boolean {
  return isMadeOf(text, ':');
}

/** The same without the colon. */
export function isSegment(text: string): boolean {
  return isMadeOf(text, '');
}

/** A key with at most four stars and any `?`, whose first segment has neither. */
export function isPattern(text: string): boolean {
  const stars = text.split('*').length - 1;
  return isMadeOf(text, ':*?') && stars <= MOST_STARS && isSegment(text.split(':')[0] as string);
}
