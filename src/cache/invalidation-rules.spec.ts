import { describe, expect, it } from 'vitest';
import { InvalidKeyError } from '../keys/alphabet.js';
import { AgentChanged, MetricChanged, UserChanged, WorkspaceChanged } from './domain-events.js';
import { DOMAIN_RULES, entityTag } from './invalidation-rules.js';

describe('the rules of the domain events', () => {
  it.each([MetricChanged, UserChanged, AgentChanged, WorkspaceChanged])(
    'turn $event into the tag of what changed',
    (Changed) => {
      const rule = DOMAIN_RULES.find(({ event }) => event === Changed.event);
      const entity = Changed.event.split('.')[0] as string;

      expect(rule?.tags(new Changed('123') as never)).toEqual([`${entity}:123`]);
      expect(rule?.description).toContain(`${entity}:{id}`);
    },
  );

  it('are four, and no other', () => {
    expect(DOMAIN_RULES.map(({ event }) => event)).toEqual([
      'metric.changed',
      'user.changed',
      'agent.changed',
      'workspace.changed',
    ]);
  });
});

describe('entityTag', () => {
  it.each(['*', '', 'a:b', '1\n', undefined, null, {}])('refuses the id %j', (id) => {
    expect(() => entityTag('user', id)).toThrow(InvalidKeyError);
    expect(() => entityTag('user', id)).toThrow(/^user id must be /);
  });
});
