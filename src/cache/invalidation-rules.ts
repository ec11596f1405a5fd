import { checkSegment } from '../keys/alphabet.js';
import { ENTITIES, type Entity } from '../keys/entity-tags.js';
import type { KeyLike } from './call-options.js';
import { type ChangedSpan, readableSpan } from './time/instant.js';

/** What an event invalidates. */
export interface InvalidationRule<P = never> {
  /** The event's name on EventEmitter2. */
  readonly event: string;
  /** One line for people: what is invalidated. */
  readonly description: string;
  /** The tags that the event's payload makes invalid. What it throws is logged and does not reach the emitter. */
  tags(payload: P): readonly string[];
  /** The time of which data changed: buckets of a time series outside of it stay. @default all time */
  span?(payload: P): ChangedSpan | undefined;
  /** The keys that it makes invalid. @default none */
  keys?(payload: P): readonly KeyLike[];
  /** The patterns whose keys it makes invalid: each walks over the keyspace twice, unless listed in `indexedPatterns`. @default none */
  patterns?(payload: P): readonly string[];
}

/** Declares a rule with the type of its payload checked here and forgotten afterwards. */
export function defineRule<P>(rule: InvalidationRule<P>): InvalidationRule {
  return rule;
}

/** The tag of one entity. @throws InvalidKeyError for an id outside the alphabet, so that `*` is an id nobody has */
export function entityTag(entity: Entity, id: unknown): string {
  return `${entity}:${checkSegment(id, `${entity} id`)}`;
}

/** The rules of the domain events. */
export const DOMAIN_RULES: readonly InvalidationRule[] = ENTITIES.map((entity) =>
  defineRule<{ readonly id: unknown; readonly from?: unknown; readonly to?: unknown }>({
    event: `${entity}.changed`,
    description: `every answer that carries the tag ${entity}:{id}`,
    tags: ({ id }) => [entityTag(entity, id)],
    span: readableSpan,
  }),
);
