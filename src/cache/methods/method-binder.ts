import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { EventBinder } from '../event-binder.js';
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
    @Inject(EventBinder) private readonly events: EventBinder,
  ) {}

  onModuleInit(): void {
    const provided = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    const readers = new TemplateReaders();
    const declarations = new Set(provided.flatMap((wrapper) => this.#bound(wrapper, readers)));
    for (const declaration of declarations) this.#enforce(declaration);
    readers.check();
  }

  /** What a provider declares; an object that a factory made has no properties injected, and gets its cache here. */
  #bound({ metatype, instance, isNotMetatype }: Provided, readers: TemplateReaders): MethodDeclaration[] {
    const made = instance as unknown;
    const isMade = isNotMetatype && typeof made === 'object' && made !== null;
    const prototype = isMade ? (Object.getPrototypeOf(made) as object | null) : prototypeOf(metatype);
    const declarations = declarationsOf(prototype);
    if (isMade && declarations.length > 0) bind(made, this.cache);
    if (prototype) for (const declaration of declarations) readers.add(prototype, declaration);
    return declarations;
  }

  #enforce({ where, caches, verify, rule, evicts }: MethodDeclaration): void {
    verify?.();
    if (caches) this.cache.check(caches.family, caches.options, where);
    if (caches) this.events.know({ template: caches.template, tags: caches.options.tags ?? [] });
    if (evicts) this.events.knowEvicting({ where, evicts });
    if (rule) this.events.add(rule);
  }
}

function prototypeOf(metatype: Provided['metatype']): object | null {
  return typeof metatype === 'function' ? ((metatype.prototype as object | undefined) ?? null) : null;
}
