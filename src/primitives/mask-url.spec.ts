import { describe, expect, it } from 'vitest';
import { maskUrl } from './mask-url.js';

describe('maskUrl', () => {
  it.each([
    ['redis://ada:s3cret@host:6379/1', 'redis://ada:***@host:6379/1'],
    ['redis://:s3cret@host', 'redis://:***@host'],
    ['rediss://ada:s3%40cret@host', 'rediss://ada:***@host'],
    ['redis://ada:s3@cret@host', 'redis://ada:***@host'],
    ['redis://ada:s3/cret@host', 'redis://ada:***@host'],
    ['redis://ada:s3:cret@host', 'redis://ada:***@host'],
    ['redis://ada:s3\ncret@host', 'redis://ada:***@host'],
    ['ada:s3cret@host:6379', 'ada:***@host:6379'],
    ['redis:/ada:s3cret@host', 'redis:***@host'],
    ['//ada:s3cret@host', '//ada:***@host'],
    ['HTTP://ada:s3cret@host', 'HTTP://ada:***@host'],
  ])('hides the password of %j', (url, shown) => {
    expect(maskUrl(url)).toBe(shown);
  });

  it.each(['redis://host:6379', 'redis://ada@host', 'rediss://[::1]:6379/0', 'nonsense', ''])(
    'shows %j as it is',
    (url) => {
      expect(maskUrl(url)).toBe(url);
    },
  );
});
