import { describe, expect, it } from 'vitest';
import { entityTags } from './entity-tags.js';

describe('entityTags', () => {
  it.each([
    ['user:123:profile', 'user:123'],
    ['metric:cpu:user:123:30d', 'metric:cpu user:123'],
    ['workspace:789:agent:456:user:1:metric:cpu', 'workspace:789 agent:456 user:1 metric:cpu'],
    ['report:user:123', 'user:123'],
    ['agent:456', 'agent:456'],
    ['agent:top:user:24h', 'agent:top user:24h'],
    ['agent:agent:1', 'agent:agent'],
    ['users:123', ''],
    ['user', ''],
    ['plain', ''],
    ['x:user', ''],
  ])('of %s are: %s', (key, tags) => {
    expect(entityTags(key.split(':')).join(' ')).toBe(tags);
  });
});
