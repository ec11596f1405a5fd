import type { RuleCoverage } from '../../cache/coverage/coverage.js';
import type { HistoryEntry } from '../../engine/audit.js';
import { KeyPattern } from '../../keys/pattern.js';

/** What the rules of a cache say of its templates; looked at once, as functions of the application are called for it. */
export class KnownRules {
  readonly #templates = new Map<
    string,
    { readonly tags: readonly RegExp[] | null; readonly hasEvent: boolean | null }
  >();

  constructor(
    { templates, doubts }: Pick<RuleCoverage, 'templates' | 'doubts'>,
    private readonly labelOf: (key: string) => string,
  ) {
    const doubtful = new Set(doubts.map(({ name }) => name));
    for (const { template, tags, events, methods } of templates) {
      const isTaken = events.length + methods.length > 0;
      const hasEvent = isTaken || (doubtful.has(template) ? null : false);
      this.#templates.set(template, { tags: tags && tags.map(expressionOf), hasEvent });
    }
  }

  /** Whether an event takes entries of the template; `null`: it cannot be told. */
  hasEvent(template: string): boolean | null {
    return this.#templates.get(template)?.hasEvent ?? null;
  }

  /** The templates of which an invalidation may take entries; `null`: all, or it cannot be told. */
  reach({ kind, name }: Pick<HistoryEntry, 'kind' | 'name'>): readonly string[] | null {
    if (kind === 'everything') return null;
    if (kind === 'key') return [this.labelOf(name)];
    if (kind === 'pattern') return this.#matching(name);
    const found = [...this.#templates].filter(([, { tags }]) => tags?.some((tag) => tag.test(name)));
    const isSure = [...this.#templates.values()].every(({ tags }) => tags !== null);
    return isSure || found.length > 0 ? found.map(([template]) => template) : null;
  }

  /** Those whose text the glob could match, were a parameter any text. */
  #matching(glob: string): readonly string[] | null {
    const pattern = KeyPattern.parse(glob);
    const found = [...this.#templates.keys()].filter((template) => pattern.matches(template.replace(PARAMETER, 'x')));
    return found.length > 0 ? found : null;
  }
}

const PARAMETER = /\{[^}]*\}/g;

function expressionOf(tag: string): RegExp {
  const parts = tag.split(PARAMETER).map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`);
}
