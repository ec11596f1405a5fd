import type { Clock } from '../../primitives/clock.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { ResolvedCacheOptions } from '../cache-options.js';
import { DOMAIN_RULES, type InvalidationRule } from '../invalidation-rules.js';
import type { CoverageFinding, RuleCoverage } from './coverage.js';
import type { Evicting, KnownTemplate, SeenRule } from './declared.js';
import { neverEmitted } from './findings.js';
import { coverageOf } from './rule-coverage.js';

const HOUR: Milliseconds = 3_600_000;

/** What is declared of one cache, which of its events were seen, and what its rules miss. */
export class RuleBook {
  readonly #templates = new Map<string, KnownTemplate>();
  readonly #methods: Evicting[] = [];
  readonly #seen = new Map<InvalidationRule, { count: number; at: Milliseconds }>();
  readonly #since: Milliseconds;
  #warned: readonly CoverageFinding[] | undefined;

  /** @param rules those in force, to which more may come */
  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly options: Pick<ResolvedCacheOptions, 'templates' | 'timeSeries' | 'coverage'>,
    private readonly rules: readonly InvalidationRule[],
  ) {
    this.#since = clock.now();
    const wholes = new Map(options.timeSeries.map(({ buckets, whole }) => [buckets, whole]));
    for (const template of options.templates) this.know({ template, tags: [], whole: wholes.get(template) });
  }

  /** Takes a template into account, and the tags that a decorator gives its entries beside its own. */
  know({ template, tags, whole }: KnownTemplate): void {
    const known = this.#templates.get(template.template);
    const all = [...new Set([...(known?.tags ?? []), ...tags])];
    this.#templates.set(template.template, { template, tags: all, whole: whole ?? known?.whole });
  }

  /** The same for a method that invalidates without an event. */
  knowEvicting(method: Evicting): void {
    this.#methods.push(method);
  }

  /** Counts an event of the rule. */
  saw(rule: InvalidationRule): void {
    this.#seen.set(rule, { count: (this.#seen.get(rule)?.count ?? 0) + 1, at: this.clock.now() });
  }

  /** What the rules reach, but for what is meant. */
  coverage(): RuleCoverage {
    const declared = { since: this.#since, templates: [...this.#templates.values()], methods: this.#methods };
    const coverage = coverageOf({ ...declared, rules: this.rules.map((rule) => this.#standing(rule)) });
    return {
      ...coverage,
      findings: [...coverage.findings.filter((each) => this.#isUnmeant(each)), ...this.#neverEmitted()],
      doubts: coverage.doubts.filter((each) => this.#isUnmeant(each)),
    };
  }

  /** The same, as it is looked at when the application has started. */
  look(): RuleCoverage {
    const coverage = this.coverage();
    this.#warned = coverage.findings;
    return coverage;
  }

  /** What was found at the start, and the events that should have come since; nothing where nobody looked. Calls no function of the application. */
  get standing(): readonly CoverageFinding[] {
    return this.#warned === undefined ? [] : [...this.#warned, ...this.#neverEmitted()];
  }

  /** Events of the application for which an hour was not enough. */
  #neverEmitted(): CoverageFinding[] {
    const hours = Math.floor((this.clock.now() - this.#since) / HOUR);
    if (hours < 1) return [];
    const own = this.rules.filter((rule) => !DOMAIN_RULES.includes(rule));
    const seen = new Set(own.filter((rule) => this.#seen.has(rule)).map(({ event }) => event));
    const events = new Set(own.map(({ event }) => event).filter((event) => !seen.has(event)));
    return [...events].map((event) => neverEmitted(event, hours)).filter((each) => this.#isUnmeant(each));
  }

  #isUnmeant({ name }: { readonly name: string }): boolean {
    return !this.options.coverage.except.includes(name);
  }

  #standing(rule: InvalidationRule): SeenRule {
    const seen = this.#seen.get(rule);
    const isBuiltIn = DOMAIN_RULES.includes(rule);
    return { rule, isBuiltIn, seen: seen?.count ?? 0, lastSeenAt: seen?.at ?? null };
  }
}
