const SECRET = /^([a-z][a-z+.-]*:\/\/|(?![a-z][a-z+.-]*:\/\/))([^:@]*):.*@/is;

/** A URL as it may be shown: all between the user's name and the last `@` masked, also where it is malformed. */
export function maskUrl(url: string): string {
  return url.replace(SECRET, '$1$2:***@');
}
