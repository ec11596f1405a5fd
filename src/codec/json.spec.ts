import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze, freezePlain, parse, parseFrozen, serialize, ValueNotSerializableError } from './json.js';

describe('serialize', () => {
  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a toJSON of undefined', { toJSON: () => undefined }],
  ])('has no text for %s', (_, value) => {
    expect(serialize('k', value)).toBeUndefined();
  });

  it('keeps null', () => {
    expect(serialize('k', null)).toBe('null');
  });

  it.each([
    ['BigInt', { n: 1n }, /^the value of k must be JSON: .*BigInt.*; convert it before caching$/],
    ['a circle', circular(), /^the value of k must be JSON: .*circular.*$/i],
    ['a toJSON that throws', { toJSON: () => thrown() }, /^the value of k must be JSON: own mistake; /],
    ['nesting too deep to write', nested(100_000), /^the value of k must be JSON: /],
  ])('refuses %s in one line with its reason', (_, value, message) => {
    const failure = caught(() => serialize('k', value));

    expect(failure).toBeInstanceOf(ValueNotSerializableError);
    expect(failure).toMatchObject({
      code: 'VALUE_NOT_SERIALIZABLE',
      family: 'usage',
      fields: { key: 'k' },
      cause: expect.any(Error) as Error,
    });
    expect((failure as Error).message).toMatch(message);
    expect((failure as Error).message).not.toContain('\n');
  });

  it('is read again as JSON tells it, but for __proto__', () => {
    const withoutProto = (name: string, value: unknown): unknown => (name === '__proto__' ? undefined : value);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseFrozen(serialize('k', value) as string)).toEqual(JSON.parse(JSON.stringify(value), withoutProto));
      }),
      { examples: [[[{ ['__proto__']: 0, n: [{ ['__proto__']: { n: 1 } }] }]]], numRuns: 1_000 },
    );
  });
});

describe('parseFrozen', () => {
  it('freezes everything, lists in objects in lists', () => {
    const value = parseFrozen('{"a":[{"b":{"c":[]}}],"d":null}') as { a: [{ b: { c: [] } }] };

    for (const part of [value, value.a, value.a[0], value.a[0].b, value.a[0].b.c])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it.each([
    ['as it is', '{"__proto__":{"isAdmin":true},"n":1}'],
    ['escaped', '{"\\u005f\\u005fproto\\u005f\\u005f":{"isAdmin":true},"n":1}'],
    ['half escaped, in capitals', '{"_\\u005Fproto__":{"isAdmin":true},"n":1}'],
    ['a letter escaped', '{"__pr\\u006fto__":{"isAdmin":true},"n":1}'],
    ['twice', '{"__proto__":1,"__proto__":{"isAdmin":true},"n":1}'],
  ])('never sets a prototype, nor keeps a property of that name: %s', (_, text) => {
    for (const value of [
      parseFrozen(text),
      (parseFrozen(`[[${text}]]`) as [[object]])[0][0],
      (parseFrozen(`{"in":${text}}`) as { in: object }).in,
    ]) {
      expect(Object.keys(value as object)).toEqual(['n']);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect({ ...(value as { isAdmin?: boolean }) }.isAdmin).toBeUndefined();
      expect(Object.assign({}, value as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    }
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it('keeps the text __proto__ where it is a value', () => {
    expect(parseFrozen('{"name":"__proto__","escaped":"\\u0001"}')).toEqual({ name: '__proto__', escaped: '\u0001' });
  });

  it('keeps every other odd name', () => {
    const text = '{"constructor":1,"toString":2,"":3,"hasOwnProperty":4,"proto":5}';
    expect(JSON.stringify(parseFrozen(text))).toBe(text);
  });

  it.each(['"x"', '"__proto__"', '"\\u0001"'])(
    'reads whatever nesting can be written, with %s at the bottom',
    (bottom) => {
      for (const depth of [1_000, 2_500, 4_000]) {
        const text = '['.repeat(depth) + bottom + ']'.repeat(depth);
        expect(depthOf(parseFrozen(text))).toBe(depth);
      }
    },
  );

  it.each(['', '{', 'undefined', "{'a':1}", '1 2', '\0'])('refuses %j', (text) => {
    expect(() => parseFrozen(text)).toThrow(SyntaxError);
  });
});

describe('deepFreeze', () => {
  it('returns what it was given, also values that are no objects', () => {
    const value = { a: 1 };
    expect(deepFreeze(value)).toBe(value);
    expect([deepFreeze(1), deepFreeze('x'), deepFreeze(null)]).toEqual([1, 'x', null]);
  });

  it('survives nesting that would overflow the stack', () => {
    expect(Object.isFrozen(deepFreeze(nested(100_000)))).toBe(true);
  });
});

describe('freezePlain', () => {
  it('freezes objects and arrays throughout, under frozen ones and in circles too', () => {
    const inner: Record<string, unknown> = { list: [{}], bare: Object.create(null) as object };
    inner['self'] = inner;
    freezePlain(Object.freeze({ inner }));
    for (const part of [inner, inner['list'], (inner['list'] as object[])[0], inner['bare']])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it.each([new Date(0), new Map(), new Uint8Array(3), new URL('http://a'), 7, null, undefined, () => 1])(
    'leaves %j as it is',
    (value) => {
      expect(freezePlain([value])[0]).toBe(value);
      if (typeof value === 'object' && value !== null) expect(Object.isFrozen(value)).toBe(false);
    },
  );
});

describe('parse', () => {
  it("gives a value of one's own, without __proto__", () => {
    expect(parse('{"a":{"__proto__":{"b":1},"c":2}}')).toEqual({ a: { c: 2 } });
    expect(Object.isFrozen(parse('{}'))).toBe(false);
  });
});

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

function circular(): object {
  const circle: Record<string, unknown> = { a: { b: [] } };
  circle['self'] = circle;
  return circle;
}

function thrown(): never {
  throw new Error('own mistake\nwith a second line');
}

function nested(depth: number): unknown[] {
  let value: unknown[] = [];
  for (let i = 1; i < depth; i++) value = [value];
  return value;
}

function depthOf(value: unknown): number {
  let depth = 0;
  for (let at = value; Array.isArray(at); at = at[0] as unknown) depth++;
  return depth;
}
