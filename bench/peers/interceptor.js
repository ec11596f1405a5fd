/* What @nestjs/cache-manager is registered with: memory before Redis, as the documentation of Nest has it. */
import KeyvRedis from '@keyv/redis';
import { CacheableMemory } from 'cacheable';
import { Keyv } from 'keyv';

export function storesOn(url) {
  return [new Keyv({ store: new CacheableMemory({ ttl: 3_600_000, lruSize: 10_000 }) }), new KeyvRedis(url)];
}
