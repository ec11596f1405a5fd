import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, LONGEST_NUMBER } from './bytes.js';

function written(work: (writer: ByteWriter) => void): Buffer {
  const writer = new ByteWriter(Buffer.alloc(100), 0);
  work(writer);
  return writer.bytes.subarray(0, writer.at);
}

describe('numbers as bytes', () => {
  it('are read as they were written, and end where they ended', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeInteger(), (natural, safe) => {
        const whole = Math.trunc(safe / 2);
        const bytes = written((writer) => {
          writer.number(natural);
          writer.signed(whole);
        });
        const reader = new ByteReader(bytes, 0);
        expect([reader.number(), reader.signed() + 0, reader.at]).toEqual([natural, whole + 0, bytes.length]);
      }),
    );
  });

  it.each([
    [0, 1],
    [127, 1],
    [128, 2],
    [3_600_000, 4],
    [Number.MAX_SAFE_INTEGER, LONGEST_NUMBER],
  ])('%d takes %d of them', (number, length) => {
    expect(written((writer) => writer.number(number))).toHaveLength(length);
  });

  it.each([[[]], [[128]], [[255, 255, 255]], [[...Array<number>(9).fill(128), 0]]])('are none in %j', (bytes) => {
    expect(new ByteReader(Buffer.from(bytes), 0).number()).toBeNaN();
    expect(new ByteReader(Buffer.from(bytes), 0).signed()).toBeNaN();
  });
});

describe('text as bytes', () => {
  it('is read as far as it is there', () => {
    const bytes = written((writer) => writer.text('aé', 'utf8'));

    expect(new ByteReader(bytes, 0).text(3, 'utf8')).toBe('aé');
    expect(new ByteReader(bytes, 0).text(4, 'utf8')).toBeUndefined();
    expect(new ByteReader(bytes, 0).text(NaN, 'utf8')).toBeUndefined();
  });
});
