import { describe, expect, it } from 'vitest';
import type { LiveInvalidation } from '../../contract.js';
import { made } from './made.js';

const told = (more: Partial<LiveInvalidation>): LiveInvalidation => ({
  id: '1-0',
  at: 1000,
  kind: 'tag',
  name: 'agent:1',
  cause: 'agent.changed',
  origin: 'here',
  cache: 'default',
  isOwn: true,
  templates: ['a'],
  inMemory: 2,
  ...more,
});

describe('invalidations as they are shown', () => {
  it('are one where one record tells them for one cause', () => {
    const live = [told({}), told({ name: 'agent:2', inMemory: 3, templates: ['a', 'b'] }), told({ cause: 'other' })];
    expect(made(live, [])).toMatchObject([
      { names: ['agent:1', 'agent:2'], inMemory: 5, templates: ['a', 'b'] },
      { cause: 'other', names: ['agent:1'], inMemory: 2 },
    ]);
  });

  it('are there once, with what came live, newest first', () => {
    const { id, at, kind, name, cause, origin } = told({});
    const past = { id, at, kind, name, cause, origin };
    const older = { ...past, id: '0-9', at: 900 };
    expect(made([told({})], [past, older])).toMatchObject([
      { id: '1-0 tag agent.changed', names: ['agent:1'], inMemory: 2 },
      { at: 900, inMemory: undefined, templates: undefined },
    ]);
  });

  it('do not tell their templates where one of them cannot', () => {
    expect(made([told({}), told({ name: 'b', templates: null })], [])).toMatchObject([{ templates: null }]);
  });
});
