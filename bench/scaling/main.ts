/* npm run scaling: what one operation, one instance and a fleet cost Redis, and what follows for any number of them. With --write, docs/scaling.md is brought up to date. */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { RedisServer } from '../../test/support/redis-server.js';
import { writePage } from '../page.js';
import { describeMachine } from '../setting.js';
import { measureConnections } from './connections.js';
import { runFleet } from './fleet.js';
import { measureMemory } from './memory.js';
import { measureOperations, type OperationCosts } from './operations.js';
import { reportOf } from './report.js';

const PAYLOADS = [200, 2_000];

const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    instances: { type: 'string', default: '200' },
    processes: { type: 'string', default: '4' },
    rate: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '30' },
    milliseconds: { type: 'string', default: '3000' },
  },
});

async function operationsOn(milliseconds: number): Promise<OperationCosts> {
  const server = await RedisServer.start();
  const redis = new Redis(server.url, { disableClientInfo: true });
  try {
    return await measureOperations(redis, server.url, milliseconds);
  } finally {
    redis.disconnect();
    await server.stop();
  }
}

const [load = NaN] = loadavg();
const operations = await operationsOn(Number(values.milliseconds));
console.error('operations: measured');
const memory = await measureMemory(PAYLOADS);
console.error('memory: measured');
const connections = await measureConnections();
console.error('connections: counted');
const fleet = await runFleet({
  instances: Number(values.instances),
  processes: Number(values.processes),
  rate: Number(values.rate),
  seconds: Number(values.seconds),
});
const text = reportOf(await describeMachine(), load, { operations, memory, connections, fleet });
console.log(text);
if (values.write) await writePage('docs/scaling.md', 'scaling', text);

const isKept = fleet.dropped === fleet.expected && fleet.gaps === 0;
console.log(isKept ? 'kept: every copy went' : 'BROKEN: a copy stayed');
process.exit(isKept ? 0 : 1);
