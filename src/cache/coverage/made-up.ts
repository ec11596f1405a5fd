/** Values that are made up to see what a function makes of them: every id is this one. */
export interface World {
  readonly id: string;
  readonly timeframe: string;
}

/** Two, so that what does not change between them can be told. */
export const WORLD: World = { id: '1', timeframe: '7d' };
/** Another, of which no part is the same. */
export const OTHER_WORLD: World = { id: '2', timeframe: '30d' };

/** Fields that are text wherever they are. */
const TEXT = /^(id|key|name|code)$|_(id|key|name)$|(Id|Key|Name)$/;

/** What a parameter, or a field, of that name is. */
export function valueIn({ id, timeframe }: World, name: string): string {
  return name === 'timeframe' ? timeframe : id;
}

/** What a payload, or an argument, may look like: an object of ids, an id itself, an object with parts and lists. */
export function guessesIn(world: World): readonly unknown[] {
  return [objectOfIds(world), world.id, objectOfParts(world)];
}

/** An object whose every field is an id, and that is one itself in text. */
function objectOfIds(world: World): unknown {
  return new Proxy(Object.create(null) as object, {
    get(_, name): unknown {
      if (name === Symbol.toPrimitive) return () => world.id;
      return typeof name === 'string' ? valueIn(world, name) : undefined;
    },
    has: () => true,
  });
}

/** A list of one, whose every other field is such a list again, and that is an id in text. */
function objectOfParts(world: World): unknown {
  return new Proxy<unknown[]>([world.id], {
    get(list, name): unknown {
      if (name === Symbol.toPrimitive || name === 'toString' || name === 'toJSON') return () => world.id;
      if (name === '0') return objectOfParts(world);
      if (typeof name === 'symbol' || name in list) return Reflect.get(list, name) as unknown;
      return name === 'timeframe' || TEXT.test(name) ? valueIn(world, name) : objectOfParts(world);
    },
  });
}
