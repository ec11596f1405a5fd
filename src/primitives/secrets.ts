import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether what was given is the secret; how long it takes tells nothing of either. */
export function isSecret(secret: string, given: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(secret), digest(given));
}
