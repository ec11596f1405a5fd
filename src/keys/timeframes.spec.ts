import { describe, expect, it } from 'vitest';
import { isTimeframe, TIMEFRAME_TTL, TIMEFRAMES, ttlOf } from './timeframes.js';

describe('the timeframes', () => {
  it('have the TTL of the guide, a month being no minute', () => {
    expect(TIMEFRAME_TTL).toEqual({
      '24h': 300,
      '7d': 1800,
      '1w': 1800,
      '30d': 3600,
      '1m': 3600,
      '90d': 3600,
      '3m': 3600,
      '6m': 86400,
      '1y': 86400,
      all: 86400,
    });
    expect(ttlOf('1m')).toBe(ttlOf('30d'));
  });

  it('are listed shortest first', () => {
    expect(TIMEFRAMES.join(' ')).toBe('24h 7d 1w 30d 1m 90d 3m 6m 1y all');
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', '', '1M', '7d\n', '1h', 7, null, ['7d']])(
    'are not %j',
    (value) => {
      expect(isTimeframe(value)).toBe(false);
      expect(() => ttlOf(value)).toThrow(/^timeframe must be one of 24h 7d 1w 30d 1m 90d 3m 6m 1y all; received /);
    },
  );
});
