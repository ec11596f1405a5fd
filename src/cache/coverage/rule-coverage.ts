import type { Milliseconds } from '../../primitives/units.js';
import type { KeyTemplate } from '../../keys/template.js';
import type { InvalidationRule } from '../invalidation-rules.js';
import type { Targets } from '../invalidation-targets.js';
import type { RuleCoverage, TemplateCoverage } from './coverage.js';
import { findingsIn } from './findings.js';
import { keyIn, OTHER_WORLD, parametersOf, tagForms, takes, targetsIn, WORLD } from './made-up.js';

/** What is cached under one template, and the tags that decorators give it beside its own. */
export interface KnownTemplate {
  readonly template: KeyTemplate;
  readonly tags: readonly string[];
}

/** What a method with `CacheEvict` invalidates. */
export interface Evicting {
  readonly where: string;
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

/** Finds out which rule takes entries of which template, by handing both the same made-up values. */
export function coverageOf({ since, templates, rules, methods }: Declared): RuleCoverage {
  const reaches = rules.map(({ rule }) => targetsIn(WORLD, ([payload]) => targetsOfRule(rule, payload as never)));
  const evictions = methods.map(({ evicts }) => targetsIn(WORLD, evicts));
  const keys = templates.map((known) => keyIn(known.template, WORLD)?.withTags(known.tags));
  const taken = (targets: readonly Targets[] | undefined, i: number): boolean => {
    const key = keys[i];
    return key !== undefined && targets !== undefined && takes(targets, key);
  };
  const events = rules.map(({ rule: { event, description }, seen, lastSeenAt }, r) => {
    const reached = templates.filter((_, i) => taken(reaches[r], i)).map(({ template }) => template.template);
    return { event, description, templates: reaches[r] === undefined ? null : reached, seen, lastSeenAt };
  });
  const covered = templates.map((known, i) => ({
    ...tagsOf(known, keys[i] !== undefined),
    events: [...new Set(rules.flatMap(({ rule }, r) => (taken(reaches[r], i) ? [rule.event] : [])))],
    methods: methods.flatMap(({ where }, m) => (taken(evictions[m], i) ? [where] : [])),
  }));
  const isCertain = ![...reaches, ...evictions].includes(undefined);
  const own = events.filter((_, r) => rules[r]?.isBuiltIn === false);
  return { since, templates: covered, events, findings: findingsIn({ templates: covered, events: own, isCertain }) };
}

function targetsOfRule(rule: InvalidationRule, payload: never): Targets {
  return { tags: rule.tags(payload), keys: rule.keys?.(payload), patterns: rule.patterns?.(payload) };
}

function tagsOf(
  { template, tags }: KnownTemplate,
  isKnown: boolean,
): Pick<TemplateCoverage, 'template' | 'tags' | 'sharedTags'> {
  const name = template.template;
  if (!isKnown) return { template: name, tags: null, sharedTags: [] };
  const inOther = keyIn(template, OTHER_WORLD)?.tags ?? [];
  const isPlain = parametersOf(template).length === 0;
  const shared = isPlain
    ? []
    : [...(keyIn(template, WORLD)?.tags ?? []).filter((tag) => inOther.includes(tag)), ...tags];
  return { template: name, tags: [...new Set([...tagForms(template), ...tags])], sharedTags: [...new Set(shared)] };
}
