import { DEVELOPMENT_PASSWORD } from '../../../index.js';
import { addressOf, isLocal } from '../address.js';
import type { SettingsCheck, Surroundings } from '../check.js';
import { fail, type Finding, pass, unknown, warn } from '../finding.js';

const NOT_USABLE = unknown('the environment is not usable', 'mend the variables first');

function valid({ settings: { problems } }: Surroundings): Finding {
  if (problems.length === 0) return pass('every variable keeps its rule');
  return fail(problems.length === 1 ? '1 problem' : `${problems.length} problems`, problems.join('; '));
}

function production({ settings: { environment } }: Surroundings): Finding {
  if (!environment) return NOT_USABLE;
  const observed = `NODE_ENV is ${environment.NODE_ENV}`;
  if (environment.NODE_ENV === 'production') return pass(observed);
  return warn(observed, 'set NODE_ENV=production: the start then refuses no password, and the published one');
}

function shared({ settings: { environment } }: Surroundings): Finding {
  if (!environment) return NOT_USABLE;
  if (environment.REDIS_URL !== undefined) return pass('REDIS_URL is set');
  return fail('no REDIS_URL', 'set REDIS_URL=redis://user@host:6379/0, or each instance caches for itself alone');
}

function password({ settings: { environment } }: Surroundings): Finding {
  const address = addressOf(environment?.REDIS_URL ?? '');
  if (!environment || !address) return NOT_USABLE;
  const secret = address.password === '' ? (environment.REDIS_PASSWORD ?? '') : address.password;
  const remedy = 'give Redis and REDIS_PASSWORD one of your own: openssl rand -base64 32';
  if (secret === '') return fail('none', remedy);
  if (secret === DEVELOPMENT_PASSWORD) return fail('the published development password', remedy);
  if (secret.length < 16) return warn('shorter than 16 characters', remedy);
  return pass('one of its own');
}

function encrypted({ settings: { environment } }: Surroundings): Finding {
  const address = addressOf(environment?.REDIS_URL ?? '');
  if (!address) return NOT_USABLE;
  if (address.tls) return pass('rediss://');
  if (isLocal(address.host)) return pass('redis:// to this machine');
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
