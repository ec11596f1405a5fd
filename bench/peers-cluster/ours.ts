import { startCache } from '../../test/support/caches.js';
import type { Subject } from './subject.js';

/** This package. */
export const OURS: Subject = {
  packages: [],
  options: "redis: { mode: 'cluster', nodes }; setMany",
  call: "clearPattern('report:*')",
  async start({ nodes }) {
    const instance = await startCache({ redis: { mode: 'cluster', nodes, commandTimeoutMs: 10_000 } });
    return {
      fill: (numbers) =>
        instance.cache.setMany(
          numbers.map((n) => [`report:${n}`, { n }] as const),
          { ttl: 3_600 },
        ),
      clear: () => instance.cache.clearPattern('report:*'),
      close: () => instance.close(),
    };
  },
};
