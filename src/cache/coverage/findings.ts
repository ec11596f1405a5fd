import type { CoverageDoubt, CoverageFinding, EventCoverage, TemplateCoverage } from './coverage.js';
import type { Reach } from './reach.js';
import type { TriedTemplate } from './template-tags.js';

/** More templates than this with one tag that never differs: whoever changes it empties much of the cache. */
const MANY_TEMPLATES = 10;

interface Looked {
  readonly templates: readonly TemplateCoverage[];
  /** Those of the application. */
  readonly events: readonly EventCoverage[];
  readonly tried: readonly TriedTemplate[];
  /** Of rules and of evicting methods. */
  readonly reaches: readonly Reach[];
}

interface Judgement {
  readonly findings: readonly CoverageFinding[];
  readonly doubts: readonly CoverageDoubt[];
}

/** What is most likely missed; and what may be, if what made-up values do not tell is not as it should be. */
export function judge({ templates, events, tried, reaches }: Looked): Judgement {
  const dark = reaches.filter(({ targets }) => targets === undefined);
  const strange = tried.filter(({ key }) => key === undefined);
  const judged = [
    ...templates.map((each) => withoutEvent(each, dark)),
    // Raw keys may carry tags of which templates know nothing.
    ...(templates.length > 0 ? events.map((each) => withoutTemplate(each, strange)) : []),
  ];
  return {
    findings: [
      ...judged.flatMap(({ findings }) => findings),
      ...templates.flatMap((each) => broadTags(each, templates)),
    ],
    doubts: [...dark.map(untriedReach), ...strange.map(untriedTemplate), ...judged.flatMap(({ doubts }) => doubts)],
  };
}

/** That the event should have come since, were it ever emitted. */
export function neverEmitted(event: string, hours: number): CoverageFinding {
  const message = `The event ${event} was not emitted in the ${hours} h since the start: its name may be misspelt, here or where it is emitted.`;
  return { kind: 'event-never-emitted', name: event, message };
}

const NOTHING: Judgement = { findings: [], doubts: [] };

function withoutEvent({ template, tags, events, methods }: TemplateCoverage, dark: readonly Reach[]): Judgement {
  if (tags === null || events.length > 0 || methods.length > 0) return NOTHING;
  const may = dark.filter(({ namesKeys }) => namesKeys || tags.length > 0);
  if (may.length > 0) return doubted(template, `Whether an event invalidates ${template}`, titlesOf(may));
  const carries = tags.length === 0 ? 'it carries no tag' : `no rule is about ${tags.join(', ')}`;
  const message = `No event invalidates ${template}: ${carries}. Its entries go by their TTL only, or where you delete them; name an entity in it, give it tags, or add a rule.`;
  return { findings: [{ kind: 'template-without-event', name: template, message }], doubts: [] };
}

function withoutTemplate({ event, templates }: EventCoverage, strange: readonly TriedTemplate[]): Judgement {
  if (templates === null || templates.length > 0) return NOTHING;
  const names = strange.map(({ name }) => name).join(', ');
  if (strange.length > 0) return doubted(event, `Whether the rule of ${event} takes entries`, `those of ${names}`);
  const message = `The rule of the event ${event} takes entries of no template: a tag, key or pattern of it may be misspelt.`;
  return { findings: [{ kind: 'event-without-template', name: event, message }], doubts: [] };
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

function doubted(name: string, what: string, because: string): Judgement {
  return { findings: [], doubts: [{ name, message: `${what} cannot be told: it depends on ${because}.` }] };
}

function untriedReach({ title, name, why }: Reach): CoverageDoubt {
  return { name, message: `The ${title} could not be tried: ${why}.` };
}

function untriedTemplate({ name, why }: TriedTemplate): CoverageDoubt {
  return { name, message: `The template ${name} could not be tried: ${why}.` };
}

function titlesOf(reaches: readonly Reach[]): string {
  return reaches.map(({ title }) => `the ${title}`).join(', ');
}
