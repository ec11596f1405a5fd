import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Caches } from '../caches.js';
import { MethodCache } from './method-cache.js';
import { declarationsOf, type MethodDeclaration } from './method-metadata.js';
import { bind } from './method-wrapper.js';
import { TemplateReaders } from './template-readers.js';

type Provided = ReturnType<DiscoveryService['getProviders']>[number];

/** Looks at start-up at what the application's classes declare: checks options, puts rules in force, binds what Nest did not make itself. */
@Injectable()
export class MethodBinder implements OnModuleInit {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MethodCache) private readonly cache: MethodCache,
    @Inject(Caches) private readonly caches: Caches,
  ) {}

  onModuleInit(): void {
    const provided = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    const readers = new TemplateReaders();
    const declarations = new Map(provided.flatMap((wrapper) => this.#bound(wrapper, readers)));
    for (const [declaration, cache] of declarations) this.#enforce(declaration, cache);
    readers.check();
  }

  /**
   * What a provider declares, and in which cache; an object that a factory made has no properties injected, and gets its cache
   * here.
   */
  #bound({ metatype, instance, isNotMetatype }: Provided, readers: TemplateReaders): Declared[] {
    const made = instance as unknown;
    const isMade = isNotMetatype && typeof made === 'object' && made !== null;
    const prototype = isMade ? (Object.getPrototypeOf(made) as object | null) : prototypeOf(metatype);
    const declarations = declarationsOf(prototype);
    if (isMade && declarations.length > 0) bind(made, this.cache);
    if (prototype) for (const declaration of declarations) readers.add(prototype, declaration);
    return declarations.map((declaration) => [declaration, cacheOf(declaration, declarations)]);
  }

  #enforce({ where, caches, verify, rule, evicts }: MethodDeclaration, name: string | undefined): void {
    verify?.();
    const cache = this.cache.in(name, where);
    const { binder } = this.caches.get(name);
    if (caches) cache.check(caches.family, caches.options, where);
    if (caches) binder.book.know({ template: caches.template, tags: caches.options.tags ?? [] });
    if (evicts) binder.book.knowEvicting(evicts);
    if (rule) binder.add(rule);
  }
}

type Declared = [MethodDeclaration, string | undefined];

/** Which cache a declaration is about: a rule, if it does not say, the one that its method caches in. */
function cacheOf({ cache, rule, method }: MethodDeclaration, others: readonly MethodDeclaration[]): string | undefined {
  if (cache !== undefined || !rule) return cache;
  return others.findLast((other) => other.method === method && other.caches)?.cache;
}

function prototypeOf(metatype: Provided['metatype']): object | null {
  return typeof metatype === 'function' ? ((metatype.prototype as object | undefined) ?? null) : null;
}
