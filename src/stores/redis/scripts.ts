import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

function script(name: string, numberOfKeys: number): { readonly numberOfKeys: number; readonly lua: string } {
  return { numberOfKeys, lua: readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8') };
}

/** The scripts of this package by command name, as the client's `scripts` option takes them; each touches one hash slot. */
export const SCRIPTS = {
  cacheAcquire: script('acquire', 2),
  cacheFill: script('fill', 2),
  cacheRelease: script('release', 1),
  cacheExtend: script('extend', 1),
  cacheRemove: script('remove', 2),
  cacheDropSame: script('drop-same', 1),
};

/** A client that was created with {@link SCRIPTS}. */
export type ScriptedRedis = Redis & {
  cacheAcquireBuffer(
    entry: string,
    lease: string,
    token: string,
    duration: number,
    seen: Buffer,
    keepSeen: string,
  ): Promise<Buffer[]>;
  cacheFill(entry: string, lease: string, token: string, bytes: Buffer, keepFor: number): Promise<number>;
  cacheRelease(lease: string, token: string): Promise<number>;
  cacheExtend(lease: string, token: string, duration: number): Promise<number>;
  cacheRemove(entry: string, lease: string): Promise<number>;
  cacheDropSame(entry: string, identity: Buffer): Promise<number>;
};
