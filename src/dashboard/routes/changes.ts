import { Logger } from '@nestjs/common';
import type { InvalidationOptions, InvalidationResult, InvalidationService } from '../../cache/invalidation.service.js';
import type { BlastRadius } from '../../engine/census.js';
import { CacheError } from '../../primitives/errors.js';
import type { Invalidated, KeyDetails, Target } from '../contract.js';
import { Refused } from '../problems.js';
import { type Asked, detailsOf, keyIn, type RouteParts } from './reads.js';

/** What a change is made for. */
export interface Changing extends Asked {
  /** Who asks, as the ledger is to tell it. */
  readonly visitor: string;
}

const LONGEST_CAUSE = 200;

/** Counts what would go. */
export async function dryRun({ cache, wishes }: Asked): Promise<BlastRadius> {
  const { blastRadius } = await invalidateIn(cache.invalidation, wishes.target(), { dryRun: true });
  return blastRadius as BlastRadius;
}

/** Invalidates, and has the ledger tell who did it. */
export async function invalidate({ cache, wishes, visitor }: Changing): Promise<Invalidated> {
  const [target, { force = false, because }] = [wishes.target(), wishes.manner()];
  const cause = causeOf(visitor, because);
  const { acknowledged, queued, tags, removed } = await invalidateIn(cache.invalidation, target, { cause, force });
  return { acknowledged, queued, tags, removed, cause };
}

/** Drops what is cached of a key, which the ledger tells with who did it, and loads it anew. */
export async function reload(changing: Changing, parts: RouteParts): Promise<KeyDetails> {
  const { name, cache, wishes, visitor } = changing;
  const key = keyIn(cache, wishes.needed('key'));
  const loadable = parts.warming.of(name)?.loaders.named(key.name);
  if (!loadable)
    throw new Refused(
      422,
      'NO_LOADER',
      `Nothing is known to load keys of ${key.family.label}: put @LoaderFor on the method that computes its values.`,
    );
  await cache.invalidation.keys([key.name], { cause: causeOf(visitor, 'reload') });
  try {
    await cache.runtime.engine.lookup(loadable.plan, loadable.loader);
  } catch (error) {
    if (CacheError.is(error)) throw error;
    // Its message may quote what it was about to return.
    new Logger('Cache').error(`The loader of ${key.family.label} failed for the dashboard`, error);
    throw new Refused(
      502,
      'LOAD_FAILED',
      'The loader failed, and the key is not cached now; the log of the server says why.',
    );
  }
  return detailsOf(changing, parts, key.name);
}

function invalidateIn(
  service: InvalidationService,
  target: Target,
  options: InvalidationOptions,
): Promise<InvalidationResult> {
  if ('keys' in target) return service.keys(target.keys, options);
  if ('tags' in target) return service.tags(target.tags, options);
  if ('pattern' in target) return service.pattern(target.pattern, options);
  return service.all(options);
}

function causeOf(visitor: string, because: string | undefined): string {
  return (because === undefined ? visitor : `${visitor}: ${because}`).slice(0, LONGEST_CAUSE);
}
