import type { RuleCoverage } from './coverage.js';
import type { Declared } from './declared.js';
import { judge } from './findings.js';
import { type Reach, reachOfMethod, reachOfRule, takes } from './reach.js';
import { type TriedTemplate, tryTemplate } from './template-tags.js';
import { Trials } from './trials.js';

/** Finds out which rule takes entries of which template, by handing both the same made-up values. */
export function coverageOf({ since, ...declared }: Declared): RuleCoverage {
  const trials = new Trials();
  const templates = declared.templates.map((known) => tryTemplate(trials, known));
  const rules = declared.rules.map((rule) => reachOfRule(trials, rule));
  const methods = declared.methods.map((method) => reachOfMethod(trials, method));
  const events = rules.map((reach, i) => {
    const { rule, seen = 0, lastSeenAt = null } = declared.rules[i] ?? {};
    const taken = reach.targets && templates.filter((template) => isTaken(template, reach)).map(({ name }) => name);
    return { event: reach.name, description: rule?.description ?? '', templates: taken ?? null, seen, lastSeenAt };
  });
  const covered = templates.map((template) => ({
    ...{ template: template.name, tags: template.key ? template.tags : null, sharedTags: template.sharedTags },
    ...{ events: namesOf(template, rules), methods: namesOf(template, methods) },
  }));
  const own = events.filter((_, i) => declared.rules[i]?.isBuiltIn === false);
  const judged = judge({ templates: covered, events: own, tried: templates, reaches: [...rules, ...methods] });
  return { since, templates: covered, events, ...judged };
}

function isTaken({ key }: TriedTemplate, reach: Reach): boolean {
  return key !== undefined && takes(reach, key);
}

function namesOf(template: TriedTemplate, reaches: readonly Reach[]): string[] {
  return [...new Set(reaches.filter((reach) => isTaken(template, reach)).map(({ name }) => name))];
}
