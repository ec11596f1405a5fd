import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Environment } from '../../src/app/config/environment.js';
import { TREE } from './sandbox.js';

const EXAMPLE = readFileSync(join(TREE, '.env.example'), 'utf8');
const LINES = EXAMPLE.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
const SHOWN = Object.fromEntries(LINES.map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string]));

/** These have no default: the file shows what to write. Others without one are empty, which counts as not set. */
const WITHOUT_DEFAULT = ['REDIS_URL', 'REDIS_PASSWORD'];

describe('.env.example', () => {
  it('shows every variable with its default', () => {
    const defaults = Object.entries(new Environment()).filter(([name]) => !WITHOUT_DEFAULT.includes(name));
    const expected = Object.fromEntries(defaults.map(([name, value]) => [name, String(value ?? '')]));
    const shown = Object.fromEntries(Object.entries(SHOWN).filter(([name]) => !WITHOUT_DEFAULT.includes(name)));
    expect(shown).toEqual(expected);
  });

  it('shows a Redis for development', () => {
    expect(SHOWN).toMatchObject({
      REDIS_URL: 'redis://localhost:6379/0',
      REDIS_PASSWORD: 'shadower_redis_dev_password_change_in_production',
    });
  });
});
