import type { Milliseconds } from '../../primitives/units.js';

/** Something that the rules most likely miss. */
export interface CoverageFinding {
  readonly kind: 'template-without-event' | 'event-without-template' | 'broad-tag';
  /** The template or the event. */
  readonly name: string;
  /** What it means and what to do, in one line. */
  readonly message: string;
}

/** Every kind of finding; the label `kind` of the metric. */
export const FINDING_KINDS: readonly CoverageFinding['kind'][] = Object.freeze([
  'template-without-event',
  'event-without-template',
  'broad-tag',
]);

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
}
