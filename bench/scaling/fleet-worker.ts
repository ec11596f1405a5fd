/* One process of the fleet: several instances of the cache, each with a memory and connections of its own. */
import { LocalView } from '../../src/engine/local-view.js';
import { startCache, type TestCache } from '../../test/support/caches.js';
import { type Assignment, type Drop, monotonic, type Order, type Report } from './fleet-orders.js';

/** A few at a time: a fleet does not start at one instant either. */
const STARTED_TOGETHER = 10;

const drops: Drop[] = [];

/** Tells of each copy that it drops. */
class WatchedView extends LocalView {
  override drop(key: string): boolean {
    const wasThere = super.drop(key);
    if (wasThere) drops.push([key, monotonic()]);
    return wasThere;
  }
}

const { instances: count, options } = JSON.parse(process.argv[2] as string) as Assignment;
const instances: TestCache[] = [];
while (instances.length < count) {
  const batch = Array.from({ length: Math.min(STARTED_TOGETHER, count - instances.length) }, () =>
    startCache(options, { view: (...parts) => new WatchedView(...parts) }),
  );
  instances.push(...(await Promise.all(batch)));
}
process.on('message', (order: Order) => {
  void obey(order);
});
tell({ type: 'ready' });

async function obey(order: Order): Promise<void> {
  if (order.type === 'warm') tell({ type: 'warmed', copies: await warm(order.keys) });
  if (order.type === 'tell') tell({ type: 'drops', drops: drops.splice(0), gaps: gaps() });
  if (order.type !== 'stop') return;
  await Promise.all(instances.map((instance) => instance.close()));
  process.disconnect();
}

/** Reads the keys in every instance; returns how many copies are in memory. */
async function warm(keys: readonly string[]): Promise<number> {
  let copies = 0;
  for (const { cache, runtime } of instances) {
    await cache.getMany(keys);
    copies += keys.filter((key) => runtime.view.memory.get(key) !== undefined).length;
  }
  return copies;
}

/** How often an instance found that it had missed something, and forgot all. */
function gaps(): number {
  return instances.reduce((sum, { events }) => sum + events.filter(({ type }) => type === 'ledger.gap').length, 0);
}

function tell(report: Report): void {
  process.send?.(report);
}
