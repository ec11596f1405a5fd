import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { RedisServer } from './redis-server.js';

/** What tests share that need one server and do not harm it. Only to be asked while they run. */
export interface SuiteRedis {
  readonly url: string;
  /** A client beside those of the caches. */
  readonly redis: Redis;
}

/** A server for the tests of the file or the `describe` that calls this: started before the first and stopped after the last. */
export function redisOfSuite(): SuiteRedis {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await RedisServer.start();
    redis = new Redis(server.url, { disableClientInfo: true });
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  return {
    get url() {
      return server.url;
    },
    get redis() {
      return redis;
    },
  };
}
