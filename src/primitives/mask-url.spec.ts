import { describe, expect, it } from 'vitest';
import { maskUrl } from './mask-url.js';

describe('maskUrl', () => {
  it.each([
    ['redis://ada:hunt2@host:6379/1', 'redis://ada:***@host:6379/1'],
    ['redis://:hunt2@host', 'redis://:***@host'],
    ['rediss://ada:hunt%402@host', 'rediss://ada:***@host'],
    ['redis://ada:hunt@2@host', 'redis://ada:***@host'],
    ['redis://ada:hunt/2@host', 'redis://ada:***@host'],
    ['redis://ada:hunt:2@host', 'redis://ada:***@host'],
    ['redis://ada:hunt\n2@host', 'redis://ada:***@host'],
    ['ada:hunt2@host:6379', 'ada:***@host:6379'],
    ['redis:/ada:hunt2@host', 'redis:***@host'],
    ['//ada:hunt2@host', '//ada:***@host'],
    ['HTTP://ada:hunt2@host', 'HTTP://ada:***@host'],
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
