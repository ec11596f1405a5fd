import type { StandaloneRedisOptions } from '../../src/index.js';
import type { Subject } from './subject.js';

function ours(options: string, redis: Omit<StandaloneRedisOptions, 'url'>): Subject {
  return {
    packages: [],
    options,
    async start({ url, ttl, load }) {
      // Here, so that a process that runs another cache does not load ours.
      await import('reflect-metadata');
      const { NestFactory } = await import('@nestjs/core');
      const { CacheModule, CacheService } = await import('../../src/index.js');
      const module = CacheModule.forRoot({ redis: { url, ...redis } });
      const app = await NestFactory.createApplicationContext(module, { logger: false });
      const cache = app.get(CacheService);
      return (key) => cache.getOrLoad(key, load, { ttl: ttl / 1_000 });
    },
  };
}

/** This package by its two schedules of connecting again. */
export const OURS: Readonly<Record<string, Subject>> = {
  ours: ours('CacheModule.forRoot({ redis: { url } }); getOrLoad', {}),
  'ours, fast retry': ours("the same with redis.retry 'fast'", { retry: 'fast' }),
};
