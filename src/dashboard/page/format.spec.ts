import { describe, expect, it } from 'vitest';
import { ago, bytes, count, counted, duration, fromNow, percent, rate } from './format.js';

/** With plain spaces, to be read. */
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('figures', () => {
  it.each([
    [0, '0'],
    [12_345, '12,345'],
    [1_234_567, '1.2 M'],
    [45_600_000, '45.6 M'],
    [7_000_000_000, '7 G'],
  ])('counts %d as %s', (value, said) => {
    expect(plain(count(value))).toBe(said);
  });

  it.each([
    [null, '–'],
    [0, '0 s'],
    [0.000_312, '312 µs'],
    [0.0042, '4.2 ms'],
    [1.25, '1.3 s'],
    [200, '3 min 20 s'],
    [7500, '2 h 5 min'],
    [3600, '1 h'],
    [273_600, '3 d 4 h'],
  ])('tells %s seconds as %s', (seconds, said) => {
    expect(plain(duration(seconds))).toBe(said);
  });

  it.each([
    [null, '–'],
    [0, '0 %'],
    [0.934, '93.4 %'],
    [0.9999, '99.9 %'],
    [1, '100 %'],
  ])('tells the share %s as %s', (share, said) => {
    expect(plain(percent(share))).toBe(said);
  });

  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [12_595, '12.3 KiB'],
    [4_718_592, '4.5 MiB'],
  ])('tells %d bytes as %s', (value, said) => {
    expect(plain(bytes(value))).toBe(said);
  });

  it('tells a rate with a digit more where it is small', () => {
    expect([rate(0.42), rate(0), rate(173)]).toEqual(['0.42', '0', '173']);
  });

  it('tells instants from now, and never from the future', () => {
    expect(plain(ago(1000, 5000))).toBe('4 s ago');
    expect(ago(5000, 1000)).toBe('just now');
    expect(plain(fromNow(9000, 1000))).toBe('in 8 s');
  });

  it('has one thing and many', () => {
    expect([counted(1, 'entry', 'entries'), counted(2, 'entry', 'entries')]).toEqual(['1 entry', '2 entries']);
  });
});
