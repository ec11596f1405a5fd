const CONTINUES = 128;
// Eight bytes hold more than any whole number that a double has.
const LARGEST_SCALE = 2 ** 49;

/** The most bytes that {@link ByteWriter.number} writes. */
export const LONGEST_NUMBER = 8;

/** Writes into a buffer that has room for all of it. */
export class ByteWriter {
  constructor(
    readonly bytes: Buffer,
    /** Where the next byte goes. */
    public at: number,
  ) {}

  /** A whole number from 0 to 2 ** 53: seven bits a byte, the lowest first. */
  number(value: number): void {
    let rest = value;
    while (rest >= CONTINUES) {
      this.bytes[this.at++] = (rest % CONTINUES) + CONTINUES;
      rest = Math.floor(rest / CONTINUES);
    }
    this.bytes[this.at++] = rest;
  }

  /** A whole number of either sign, from -(2 ** 52) to 2 ** 52, small ones in few bytes. */
  signed(value: number): void {
    this.number(value < 0 ? -2 * value - 1 : 2 * value);
  }

  bytesOf(source: Buffer): void {
    this.at += source.copy(this.bytes, this.at);
  }

  text(text: string, encoding: 'utf8' | 'base64url'): void {
    this.at += this.bytes.write(text, this.at, encoding);
  }
}

/** Reads what a {@link ByteWriter} wrote. Never throws: what is not there is NaN or `undefined`, and so is all that follows. */
export class ByteReader {
  constructor(
    readonly bytes: Buffer,
    /** Where the next byte is. */
    public at: number,
  ) {}

  number(): number {
    let value = 0;
    for (let scale = 1; scale <= LARGEST_SCALE; scale *= CONTINUES) {
      const byte = this.bytes[this.at++] ?? NaN;
      if (!(byte >= CONTINUES)) return value + byte * scale;
      value += (byte - CONTINUES) * scale;
    }
    return NaN;
  }

  signed(): number {
    const value = this.number();
    return value % 2 === 0 ? value / 2 : (value + 1) / -2;
  }

  text(length: number, encoding: 'utf8' | 'base64url'): string | undefined {
    const end = this.at + length;
    if (!(end <= this.bytes.length)) return undefined;
    const text = this.bytes.toString(encoding, this.at, end);
    this.at = end;
    return text;
  }
}
