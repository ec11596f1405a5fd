import { onServer } from './speed/server.js';
import { startOursOn } from './speed/contenders.js';
import { analyticsOf } from './speed/values.js';
const what = process.argv[2];
const V = analyticsOf('200 B');
await onServer(async (server) => {
  const { cache, close } = await startOursOn(server.url, { memory: { maxEntries: 0 } });
  let n = 0;
  const end = performance.now() + 4000;
  for (let i = 0; i < 1000; i++) await cache.set(`agent:${i}:stats:7d`, V);
  const cpu = process.cpuUsage();
  const s = performance.now();
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (performance.now() < end) {
        const i = n++;
        if (what === 'set') await cache.set(`agent:${i % 1000}:stats:7d`, V);
        else if (what === 'miss') await cache.getOrLoad(`agent:${i % 500}:report:${i}`, () => Promise.resolve(V));
        else if (what === 'load') await cache.getOrLoad(`agent:${i % 1000}:stats:7d`, () => Promise.resolve(V));
        else await cache.get(`agent:${i % 1000}:stats:7d`);
      }
    }),
  );
  const u = process.cpuUsage(cpu);
  console.log(
    what,
    ((n / (performance.now() - s)) * 1000).toFixed(0),
    '/s',
    ((u.user + u.system) / n).toFixed(1),
    'us',
  );
  await close();
});
