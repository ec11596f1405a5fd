import type { KeyTemplate } from '../../keys/template.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { InvalidationRule } from '../invalidation-rules.js';
import type { Targets } from '../invalidation-targets.js';

/** What is cached under one template, and the tags that decorators give it beside its own. */
export interface KnownTemplate {
  readonly template: KeyTemplate;
  readonly tags: readonly string[];
  /** Of the buckets of a series: that of all of it, whose tags reach each of them. */
  readonly whole?: KeyTemplate | undefined;
}

/** What a method with `CacheEvict` invalidates. */
export interface Evicting {
  readonly where: string;
  /** Whether it names keys or patterns: what names tags only leaves entries without tags alone. */
  readonly namesKeys: boolean;
  readonly evicts: (args: readonly unknown[]) => Targets;
}

/** A rule and how often its event was seen. */
export interface SeenRule {
  readonly rule: InvalidationRule;
  /** Of a domain event: there whether templates carry its tag or not. */
  readonly isBuiltIn: boolean;
  readonly seen: number;
  readonly lastSeenAt: Milliseconds | null;
}

/** All that is declared. */
export interface Declared {
  readonly since: Milliseconds;
  readonly templates: readonly KnownTemplate[];
  readonly rules: readonly SeenRule[];
  readonly methods: readonly Evicting[];
}
