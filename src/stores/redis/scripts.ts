import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

function luaOf(name: string): { readonly lua: string } {
  return { lua: readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8') };
}

function script(name: string, numberOfKeys: number): { readonly numberOfKeys: number; readonly lua: string } {
  return { numberOfKeys, ...luaOf(name) };
}

/** The scripts of this package by command name, as the client's `scripts` option takes them; each touches one hash slot. */
export const SCRIPTS = {
  cacheWrite: luaOf('write'),
  cacheExtend: script('extend', 1),
  cacheRemove: script('remove', 2),
  cacheDropSame: script('drop-same', 1),
};

/** What is answered to one of the writes of a command. */
export type WriteAnswer = number | Buffer | null | Error;

/** A client that was created with {@link SCRIPTS}. */
export type ScriptedRedis = Redis & {
  cacheWriteBuffer(
    numberOfKeys: number,
    ...namesAndGiven: readonly (string | number | Buffer)[]
  ): Promise<WriteAnswer[]>;
  cacheExtend(lease: string, token: string, duration: number): Promise<number>;
  cacheRemove(entry: string, lease: string): Promise<number>;
  cacheDropSame(entry: string, identity: Buffer): Promise<number>;
};
