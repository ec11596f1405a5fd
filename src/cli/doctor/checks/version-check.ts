import type { Patient, ServerCheck } from '../check.js';
import { fail, type Finding, pass, unknown, warn } from '../finding.js';

/** The first release of each line that has the fixes of October 2025 (CVE-2025-49844, code execution by Lua). */
const PATCHED = {
  redis: { '6.2': 20, '7.2': 11, '7.4': 6, '8.0': 4, '8.2': 2 },
  valkey: { '7.2': 11, '8.0': 6, '8.1': 4 },
} as const;
const NEWEST = { redis: 8.2, valkey: 8.1 };
const FIX = 'CVE-2025-49844';

function version({ info }: Patient): Finding {
  const product = info('server_name') === 'valkey' ? 'valkey' : 'redis';
  const text = info(product === 'valkey' ? 'valkey_version' : 'redis_version');
  const [major = 0, minor = 0, release = 0] = text.split('.').map(Number);
  const observed = `${product === 'valkey' ? 'Valkey' : 'Redis'} ${text}`;
  if (major < 7) return fail(observed, 'use Redis 7.0 or newer, or Valkey 7.2 or newer');
  const line = `${major}.${minor}`;
  const patched = new Map<string, number>(Object.entries(PATCHED[product])).get(line);
  if (patched === undefined && Number(line) > NEWEST[product]) return pass(`${observed}, of a line newer than ${FIX}`);
  if (patched === undefined)
    return unknown(
      `${observed}, of a line without fixes but by distributors`,
      `see that your package has the fix of ${FIX}`,
    );
  if (release >= patched) return pass(`${observed}, has the fix of ${FIX}`);
  return warn(
    observed,
    `use ${line}.${patched} or newer: it lacks the fix of ${FIX}, unless your distributor added it`,
  );
}

/** Whether the server is new enough and mended. */
export const VERSION_CHECK: ServerCheck = {
  id: 'server.version',
  title: 'Version is supported and mended',
  needs: 'server',
  run: version,
  look: 'redis-cli INFO server',
};
