import type { Allowed } from './canary.js';

/** Where a key, a tenant's id or what was given instead may be shown, each with the reason. Nowhere a value or a password. */
export const ALLOWED: readonly Allowed[] = [
  {
    ...{ place: 'error', secrets: ['key', 'tenant'], form: /INVALID_KEY/ },
    reason: 'a caller is told what it gave that is no key, shortened to 80 characters (docs/keys.md)',
  },
  {
    ...{ place: 'error', secrets: ['key', 'tenant'], form: /VALUE_NOT_SERIALIZABLE|NO_VALUE/ },
    reason: 'the caller of set is told which of its own keys has a value that is no JSON',
  },
  {
    ...{ place: 'channel of the client', secrets: ['key', 'tenant'], form: /shadower:[elg]:\{|shadower:ledger/ },
    reason: 'tools that trace Redis see the names of keys, as MONITOR does, and the ledger tells what was invalidated',
  },
  {
    ...{ place: 'log', secrets: ['tenant'], form: /Event user\.changed invalidated nothing: user id must be/ },
    reason: 'an id of an event that is outside the alphabet is logged (docs/invalidating.md)',
  },
];
