import { Redis } from 'ioredis';
import { spreadOf } from '../../support.js';
import { startOursOn } from '../contenders.js';
import { type Bench, verdict } from '../contest.js';
import { onServer } from '../server.js';

const LENGTHS = Array.from({ length: 200 }, (_, i) => 150 + i);
const TAGS = ['workspace:789', 'metric:latency'];

/**
 * What Redis needs for an entry with three tags beyond a plain key of the same name with the same JSON, both with a time to
 * live. The allocator rounds, so the mean over many lengths counts.
 */
export const redisMemory: Bench = {
  name: 'redis-memory',
  run: () =>
    onServer(async ({ url }) => {
      const { cache, close } = await startOursOn(url);
      const redis = new Redis(url, { disableClientInfo: true });
      const extras: number[] = [];
      for (const length of LENGTHS) {
        const [key, value] = [`agent:456:report:${length}`, 'x'.repeat(length - 2)];
        await cache.set(key, value, { tags: TAGS });
        await redis.set(key, JSON.stringify(value), 'PX', 3_600_000);
        extras.push((await usage(redis, `shadower:e:{${key}}`)) - (await usage(redis, key)));
      }
      await close();
      redis.disconnect();
      const mean = extras.reduce((sum, extra) => sum + extra, 0) / extras.length;
      return {
        text: [
          `An entry with 3 tags, its key a part of its name, beyond a plain key: ${mean.toFixed(0)} B on average.`,
        ],
        verdicts: [
          { ...verdict('Redis memory: B more than a plain key, 3 tags', spreadOf(extras), '<=', 60), figure: mean },
        ],
      };
    }),
};

async function usage(redis: Redis, name: string): Promise<number> {
  const bytes = await redis.memory('USAGE', name, 'SAMPLES', 0);
  if (bytes === null) throw new Error(`there is no key ${name}`);
  return bytes;
}
