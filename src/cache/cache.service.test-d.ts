import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { TypedKey } from '../keys/key.js';
import { defineKey } from '../keys/template.js';
import type { CacheService } from './cache.service.js';
import type { Lookup } from './call-options.js';
import { Cacheable } from './methods/cacheable.decorator.js';

interface User {
  name: string;
  at: Date;
}

const ByZod = defineKey('user:{id}', { schema: z.object({ name: z.string(), at: z.coerce.date() }) });
const ByValibot = defineKey('user:{id}', {
  schema: v.object({
    name: v.string(),
    at: v.pipe(
      v.string(),
      v.transform((text) => new Date(text)),
    ),
  }),
});
const ByArkType = defineKey('user:{id}', { schema: type({ name: 'string', at: 'string.date.iso.parse' }) });
const Untyped = defineKey('user:{id}');
declare const cache: CacheService;
const id = { id: '1' };

describe('a template with a schema', () => {
  it('gives the type of its values to keys', () => {
    expectTypeOf(ByZod).returns.toEqualTypeOf<TypedKey<User>>();
    expectTypeOf(ByValibot).returns.toEqualTypeOf<TypedKey<User>>();
    expectTypeOf(ByArkType).returns.toEqualTypeOf<TypedKey<User>>();
  });

  it('and they to every reader', () => {
    expectTypeOf(() => cache.get(ByZod(id))).returns.resolves.toEqualTypeOf<User | null>();
    expectTypeOf(() => cache.getMany([ByZod(id)])).returns.resolves.toEqualTypeOf<(User | null)[]>();
    expectTypeOf(() => cache.getOrLoad(ByZod(id), () => 1)).returns.resolves.toEqualTypeOf<User>();
    expectTypeOf(() => cache.getOrLoadMany([ByZod(id)], () => [])).returns.resolves.toEqualTypeOf<User[]>();
    expectTypeOf(() => cache.lookup(ByArkType(id), () => 1)).returns.resolves.toEqualTypeOf<Lookup<User>>();
  });

  it('still knows its parameters, in the tags too', () => {
    // @ts-expect-error -- there is no parameter of this name
    expectTypeOf(ByZod).toBeCallableWith({ userId: '1' });
    defineKey('report:{id}', {
      schema: z.string(),
      tags: (parameters) => {
        expectTypeOf(parameters).toEqualTypeOf<{ readonly id: string | number }>();
        return [];
      },
    });
  });

  it('is a template for decorators', () => {
    expectTypeOf(Cacheable(ByZod, { key: ['id'] })).toBeFunction();
  });

  it('takes a validator by the standard only', () => {
    // @ts-expect-error -- a function that says yes or no is none
    defineKey('a', { schema: (value: unknown) => typeof value === 'string' });
  });
});

describe('a template without one', () => {
  it('leaves the type to who reads', () => {
    expectTypeOf(() => cache.get(Untyped(id))).returns.resolves.toEqualTypeOf<unknown>();
    expectTypeOf(() => cache.get<User>(Untyped(id))).returns.resolves.toEqualTypeOf<User | null>();
    expectTypeOf(() => cache.get<User>('user:1')).returns.resolves.toEqualTypeOf<User | null>();
    expectTypeOf(() => cache.getOrLoad(Untyped(id), () => 1)).returns.resolves.toEqualTypeOf<number>();
    expectTypeOf(() => cache.getOrLoadMany(['a'], () => [1])).returns.resolves.toEqualTypeOf<number[]>();
    expectTypeOf((): Promise<User | null> => cache.get(Untyped(id))).returns.resolves.toEqualTypeOf<User | null>();
  });
});
