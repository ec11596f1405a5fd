import { DEVELOPMENT_PASSWORD } from '../../../index.js';
import { isLocal } from '../../redis/address.js';
import type { SettingsCheck, Surroundings } from '../check.js';
import { fail, type Finding, pass, unknown, warn } from '../finding.js';

/** Each tells where Redis is. */
const PLACES = ['REDIS_URL', 'REDIS_SENTINELS', 'REDIS_CLUSTER_NODES'] as const;

const NOT_USABLE = unknown('the environment is not usable', 'mend the variables first');

function valid({ settings: { problems } }: Surroundings): Finding {
  if (problems.length === 0) return pass('every variable keeps its rule');
  return fail(problems.length === 1 ? '1 problem' : `${problems.length} problems`, problems.join('; '));
}

function production({ settings: { configured } }: Surroundings): Finding {
  if (!configured) return NOT_USABLE;
  const { NODE_ENV } = configured.environment;
  const observed = `NODE_ENV is ${NODE_ENV}`;
  if (NODE_ENV === 'production') return pass(observed);
  return warn(observed, 'set NODE_ENV=production: the start then refuses no password, and the published one');
}

function shared({ settings: { configured } }: Surroundings): Finding {
  if (!configured) return NOT_USABLE;
  const said = PLACES.find((name) => configured.environment[name] !== undefined);
  if (said !== undefined) return pass(`${said} is set`);
  return fail(
    `no ${PLACES.join(', ')}`,
    'set one, as in REDIS_URL=redis://user@host:6379/0, or each instance caches for itself alone',
  );
}

function password({ settings: { configured } }: Surroundings): Finding {
  if (!configured?.place) return NOT_USABLE;
  const { mode, password: secret, sentinelPassword } = configured.place;
  const ofServers = judged(secret, 'give Redis and REDIS_PASSWORD one of your own: openssl rand -base64 32');
  if (mode !== 'sentinel' || ofServers.status !== 'pass') return ofServers;
  const remedy = 'give the Sentinels and REDIS_SENTINEL_PASSWORD one: whoever they let in can lead everybody elsewhere';
  const { status, observed } = judged(sentinelPassword, remedy);
  return status === 'pass' ? ofServers : warn(`for the Sentinels ${observed}`, remedy);
}

function judged(secret: string, remedy: string): Finding {
  if (secret === '') return fail('none', remedy);
  if (secret === DEVELOPMENT_PASSWORD) return fail('the published development password', remedy);
  if (secret.length < 16) return warn('shorter than 16 characters', remedy);
  return pass('one of its own');
}

function encrypted({ settings: { configured } }: Surroundings): Finding {
  if (!configured?.place) return NOT_USABLE;
  const { addresses } = configured.place;
  const plain = addresses.filter(({ tls, path }) => !tls && path === undefined);
  if (plain.length === 0) return pass(addresses[0].path === undefined ? 'rediss://' : 'a socket of this machine');
  if (plain.every(isLocal)) return pass('redis:// to this machine');
  return warn(
    'redis:// to another host: password and values can be read on the way',
    'use rediss:// (tls-port in redis.conf), or be sure that the network between is private',
  );
}

/** What the application is configured with. */
export const SETTINGS_CHECKS: readonly SettingsCheck[] = [
  { id: 'settings.valid', title: 'Environment is usable', needs: 'settings', run: valid },
  { id: 'settings.production', title: 'Runs as production', needs: 'settings', run: production },
  { id: 'settings.redis', title: 'Cache is shared', needs: 'settings', run: shared },
  { id: 'settings.password', title: 'A password of its own is configured', needs: 'settings', run: password },
  { id: 'settings.tls', title: 'Connection is encrypted', needs: 'settings', run: encrypted },
];
