/** A URL as it may be shown: its password masked. */
export function maskUrl(url: string): string {
  return url.replace(/^([a-z+]*:\/\/[^:@/]*):[^@]*@/i, '$1:***@');
}
