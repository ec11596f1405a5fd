import type { CoverageFinding, EventCoverage, TemplateCoverage } from './coverage.js';

/** More templates than this with one tag that never differs: whoever changes it empties much of the cache. */
const MANY_TEMPLATES = 10;

interface Looked {
  readonly templates: readonly TemplateCoverage[];
  /** Those of the application. */
  readonly events: readonly EventCoverage[];
  /** Whether every rule and every evicting method could be looked at. */
  readonly isCertain: boolean;
}

/** What is most likely missed; nothing that cannot be told for certain. */
export function findingsIn({ templates, events, isCertain }: Looked): CoverageFinding[] {
  return [
    ...(isCertain ? templates.flatMap(withoutEvent) : []),
    // Raw keys may carry tags of which templates know nothing.
    ...(templates.length > 0 && templates.every(({ tags }) => tags !== null) ? events.flatMap(withoutTemplate) : []),
    ...templates.flatMap((each) => broadTags(each, templates)),
  ];
}

function withoutEvent({ template, tags, events, methods }: TemplateCoverage): CoverageFinding[] {
  if (tags === null || events.length > 0 || methods.length > 0) return [];
  const carries = tags.length === 0 ? 'it carries no tag' : `no rule is about ${tags.join(', ')}`;
  const message = `No event invalidates ${template}: ${carries}. Its entries go by their TTL only, or where you delete them; name an entity in it, give it tags, or add a rule.`;
  return [{ kind: 'template-without-event', name: template, message }];
}

function withoutTemplate({ event, templates }: EventCoverage): CoverageFinding[] {
  if (templates === null || templates.length > 0) return [];
  const message = `The rule of the event ${event} takes entries of no template: a tag, key or pattern of it may be misspelt.`;
  return [{ kind: 'event-without-template', name: event, message }];
}

function broadTags(
  { template, tags, sharedTags }: TemplateCoverage,
  all: readonly TemplateCoverage[],
): CoverageFinding[] {
  const hasOnlyShared = tags !== null && tags.length > 0 && tags.every((tag) => sharedTags.includes(tag));
  const broad = sharedTags.filter(
    (tag) => hasOnlyShared || all.filter((each) => each.sharedTags.includes(tag)).length > MANY_TEMPLATES,
  );
  if (broad.length === 0) return [];
  const message = `Every entry of ${template} carries ${broad.join(', ')}: one change of it takes them all. Give it a tag with a parameter.`;
  return [{ kind: 'broad-tag', name: template, message }];
}
