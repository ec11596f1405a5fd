import type { LoadContext } from '../../engine/load-context.js';
import type { Loader } from '../../engine/loader-run.js';
import type { ReadPlan } from '../../engine/lookup.js';
import type { KeyFamily } from '../../keys/key.js';
import type { KeyTemplate } from '../../keys/template.js';
import { InvalidOptionError } from '../../primitives/errors.js';
import type { LoadOptions } from '../call-options.js';
import type { Plans } from '../plans.js';

/** How values of one template are loaded when no reader asks. */
export interface TemplateLoader {
  readonly template: KeyTemplate;
  readonly options: LoadOptions;
  /** Whether its keys are preloaded when they are read much. */
  readonly isPreloaded: boolean;
  /** The class and method, for messages. */
  readonly where: string;
  readonly load: (parameters: Readonly<Record<string, string>>, context: LoadContext) => unknown;
}

/** A key that can be loaded without a reader. */
export interface Loadable {
  readonly plan: ReadPlan;
  readonly loader: Loader;
}

/** The registered loaders of one cache, one for a template. */
export class Loaders {
  readonly #loaders = new Map<string, TemplateLoader>();

  constructor(private readonly plans: Plans) {}

  /** The families whose keys are preloaded. */
  get preloaded(): ReadonlySet<KeyFamily> {
    return new Set(
      [...this.#loaders.values()].filter((each) => each.isPreloaded).map(({ template }) => template.family),
    );
  }

  /** @throws InvalidOptionError for a template that has one */
  add(loader: TemplateLoader): void {
    const { template } = loader.template;
    const other = this.#loaders.get(template);
    if (other && other.where !== loader.where)
      throw new InvalidOptionError(
        `the loader of ${template}`,
        'registered once',
        `${other.where} and ${loader.where}`,
      );
    this.#loaders.set(template, loader);
  }

  /** @throws InvalidOptionError for a template that has none */
  check(template: KeyTemplate, where: string): void {
    if (this.#loaders.has(template.template)) return;
    const rule = `one with a loader: put @LoaderFor on the method that computes its values`;
    throw new InvalidOptionError(`the template of ${where}`, rule, template.template);
  }

  /** How a key of a template is loaded. @throws InvalidKeyError */
  of(template: KeyTemplate, parameters: Readonly<Record<string, unknown>>): Loadable {
    const key = template(parameters);
    const found = this.#loaders.get(template.template);
    if (!found) throw new InvalidOptionError('the template of a key to load', 'one with a loader', template.template);
    return { plan: this.plans.of(key, found.options), loader: loaderOf(found, key.name) };
  }

  /** The same of a name; `undefined` where no loader is for it, or it fits its template no more. */
  named(name: string): (Loadable & Pick<TemplateLoader, 'isPreloaded'>) | undefined {
    for (const loader of this.#loaders.values()) {
      const key = fitting(loader.template, name);
      const { isPreloaded } = loader;
      if (key) return { plan: this.plans.of(key, loader.options), loader: loaderOf(loader, name), isPreloaded };
    }
    return undefined;
  }

  /** Whether keys of the template of this text can be loaded. */
  has(template: string): boolean {
    return this.#loaders.has(template);
  }
}

function loaderOf({ template, load }: TemplateLoader, name: string): Loader {
  return (context) => load(parametersOf(template.template, name), context);
}

function fitting(template: KeyTemplate, name: string): ReturnType<KeyTemplate['match']> {
  try {
    return template.match(name);
  } catch {
    return undefined;
  }
}

/** What a key was made of, as text: what is read of a ranking has no other form, so loaders never get one. */
function parametersOf(template: string, name: string): Readonly<Record<string, string>> {
  const segments = name.split(':');
  const parameters = template
    .split(':')
    .flatMap((part, i) => (part.startsWith('{') ? [[part.slice(1, -1), segments[i] as string] as const] : []));
  return Object.fromEntries(parameters);
}
