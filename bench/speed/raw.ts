import { Redis } from 'ioredis';
import type { Contender } from './contest.js';
import { BareRedis } from './bare-resp.js';

/** How a key is named here, so that nobody's entries are mistaken for these. */
function nameOf(key: string): string {
  return `raw:${key}`;
}

/** One client and what is done with it by hand. */
export interface ByHand {
  readonly get: (key: string) => Promise<string | null>;
  readonly set: (key: string, text: string) => Promise<unknown>;
  readonly close: () => Promise<unknown>;
}

/** ioredis as it is, strings in and out. */
export function rawClient(url: string, options: { readonly enableAutoPipelining?: boolean } = {}): ByHand {
  const redis = new Redis(url, { disableClientInfo: true, ...options });
  return {
    get: (key) => redis.get(nameOf(key)),
    set: (key, text) => redis.set(nameOf(key), text, 'PX', 3_600_000),
    close: () => {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}

/** A socket and nothing else: the limit of Node. */
export async function bareClient(port: number): Promise<ByHand> {
  const bare = await BareRedis.connect(port);
  return {
    get: (key) => bare.send('GET', nameOf(key)),
    set: (key, text) => bare.send('SET', nameOf(key), text, 'PX', '3600000'),
    close: () => bare.close(),
  };
}

/** Reads keys that must be there, as text or parsed. */
export function reading(title: string, client: ByHand, keyOf: (turn: number) => string, isParsed = false): Contender {
  const work = async (turn: number): Promise<unknown> => {
    const text = await client.get(keyOf(turn));
    if (text === null) throw new Error(`${title}: a miss where a hit was set up`);
    return isParsed ? JSON.parse(text) : text;
  };
  return { title, work, close: client.close };
}
