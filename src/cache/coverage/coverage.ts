import type { Milliseconds } from '../../primitives/units.js';

/** Something that the rules most likely miss. */
export interface CoverageFinding {
  /** `event-never-emitted` is told once the process has run for an hour. */
  readonly kind: 'template-without-event' | 'event-without-template' | 'event-never-emitted' | 'broad-tag';
  /** The template or the event. */
  readonly name: string;
  /** What it means and what to do, in one line. */
  readonly message: string;
}

/** Something of which made-up values do not tell whether it is missed. */
export interface CoverageDoubt {
  /** The template, the event, or the method with `CacheEvict`. */
  readonly name: string;
  /** What cannot be told and why, in one line. */
  readonly message: string;
}

/** What can invalidate the entries of one template. */
export interface TemplateCoverage {
  readonly template: string;
  /** Its tags, with parameters in braces. `null`: they cannot be told without real parameters. */
  readonly tags: readonly string[] | null;
  /** Those of its tags that all its entries share, although it has parameters. */
  readonly sharedTags: readonly string[];
  /** The events whose rules take entries of it. */
  readonly events: readonly string[];
  /** The methods with `CacheEvict` that do. */
  readonly methods: readonly string[];
}

/** What one rule invalidates. */
export interface EventCoverage {
  readonly event: string;
  readonly description: string;
  /** The templates of which it takes entries. `null`: that cannot be told without a real payload. */
  readonly templates: readonly string[] | null;
  /** How often the event was emitted in this process since {@link RuleCoverage.since}. */
  readonly seen: number;
  /** `null`: never. */
  readonly lastSeenAt: Milliseconds | null;
}

/** What the rules in force reach, and what they do not. */
export interface RuleCoverage {
  /** When this process began to count events. */
  readonly since: Milliseconds;
  readonly templates: readonly TemplateCoverage[];
  readonly events: readonly EventCoverage[];
  readonly findings: readonly CoverageFinding[];
  /** Findings that depend on one of these are not told. */
  readonly doubts: readonly CoverageDoubt[];
}
