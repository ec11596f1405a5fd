import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { CacheError } from '../../primitives/errors.js';
import { DEFAULT_CACHE } from '../cache-events.js';
import { Caches, type NamedCache } from '../caches.js';
import type { CoverageFinding } from './coverage.js';

/** The rules miss something, and the option `coverage` says that this must not be. `fields`: `findings`. */
export class RuleCoverageError extends CacheError {
  /** @internal */
  constructor(findings: readonly CoverageFinding[], cache: string) {
    const lines = findings.map(({ message }) => `- ${message}`);
    const remedy = 'What is meant can be listed in coverage.except.';
    super('RULE_COVERAGE', 'usage', [`The rules of ${shown(cache)} miss something:`, ...lines, remedy].join('\n'), {
      findings,
    });
  }
}

/** Says once, when the application has started, what the rules of its caches most likely miss. */
@Injectable()
export class CoverageCheck implements OnApplicationBootstrap {
  constructor(@Inject(Caches) private readonly caches: Caches) {}

  /** @throws RuleCoverageError where the options of a cache ask for it */
  onApplicationBootstrap(): void {
    for (const [name, cache] of this.caches) check(name, cache);
  }
}

function check(name: string, { options, binder, events }: NamedCache): void {
  const { onFinding } = options.coverage;
  // Without an emitter no event invalidates anything, which has been said.
  if (onFinding === 'off' || !binder.isBound) return;
  const { findings } = binder.coverage();
  events.on({ type: 'rules.checked', findings: findings.map(({ kind }) => kind) });
  if (onFinding === 'error' && findings.length > 0) throw new RuleCoverageError(findings, name);
  const logger = new Logger('Cache');
  const which = name === DEFAULT_CACHE ? '' : `In ${shown(name)}: `;
  for (const finding of findings)
    logger.warn(`${which}${finding.message} Meant? coverage: { except: ['${finding.name}'] }.`);
}

function shown(cache: string): string {
  return cache === DEFAULT_CACHE ? 'the cache' : `the cache ${cache}`;
}
