import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { CacheError } from '../../primitives/errors.js';
import { DEFAULT_CACHE } from '../cache-events.js';
import { Caches, type NamedCache } from '../caches.js';
import type { CoverageFinding, RuleCoverage } from './coverage.js';

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

/** So many lines of the log at most, of each cache. */
const MOST_LINES = 5;

/** Says once, when the application has started, what the rules of its caches most likely miss. */
@Injectable()
export class CoverageCheck implements OnApplicationBootstrap {
  readonly #logger = new Logger('Cache');

  constructor(@Inject(Caches) private readonly caches: Caches) {}

  /** @throws RuleCoverageError where the options of a cache ask for it */
  onApplicationBootstrap(): void {
    for (const [name, cache] of this.caches) this.#check(name, cache);
  }

  #check(name: string, { options, binder }: NamedCache): void {
    const { onFinding } = options.coverage;
    // Without an emitter no event invalidates anything, which has been said.
    if (onFinding === 'off' || !binder.isBound) return;
    const { findings, doubts } = binder.book.look();
    if (onFinding === 'error' && findings.length > 0) throw new RuleCoverageError(findings, name);
    const which = name === DEFAULT_CACHE ? '' : `In ${shown(name)}: `;
    for (const line of linesOf(findings)) this.#logger.warn(`${which}${line}`);
    const [first] = doubts;
    if (first) this.#logger.log(`${which}${first.message}${doubts.length > 1 ? ` ${restOf(doubts)}` : ''}`);
  }
}

function linesOf(findings: readonly CoverageFinding[]): string[] {
  const lines = findings.map(({ message, name }) => `${message} Meant? coverage: { except: ['${name}'] }.`);
  if (lines.length <= MOST_LINES) return lines;
  const rest = lines.length - MOST_LINES;
  return [
    ...lines.slice(0, MOST_LINES),
    `The rules miss ${rest} more: InvalidationService.coverage() has all findings, and so has shadower-cache doctor.`,
  ];
}

function restOf({ length }: RuleCoverage['doubts']): string {
  return `Made-up values do not tell ${length - 1} more: InvalidationService.coverage() has all doubts.`;
}

function shown(cache: string): string {
  return cache === DEFAULT_CACHE ? 'the cache' : `the cache ${cache}`;
}
