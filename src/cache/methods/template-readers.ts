import { Logger } from '@nestjs/common';
import type { KeyFamily } from '../../keys/key.js';
import { InvalidOptionError } from '../../primitives/errors.js';
import type { MethodDeclaration } from './method-metadata.js';

/** Who reads the entries of each template: two that do, get each other's answers. */
export class TemplateReaders {
  readonly #readers = new Map<KeyFamily, { readonly names: Map<string, object>; hasRoute: boolean }>();

  /** Counts what a class declares, inherited or not: a method of a base class is one of each subclass. */
  add(prototype: object, { method, caches }: MethodDeclaration): void {
    if (!caches || caches.by === 'put') return;
    const readers = this.#readers.get(caches.family) ?? { names: new Map<string, object>(), hasRoute: false };
    readers.hasRoute ||= caches.by === 'route';
    const name = `${prototype.constructor.name}.${method}`;
    const isAnother = readers.names.has(name) && readers.names.get(name) !== prototype;
    readers.names.set(isAnother ? `another ${name}` : name, prototype);
    this.#readers.set(caches.family, readers);
  }

  /** Warns of templates that methods share, which may be meant. @throws InvalidOptionError for one that a route shares */
  check(): void {
    for (const [{ label }, { names, hasRoute }] of this.#readers) {
      if (names.size < 2) continue;
      const list = [...names.keys()].join(' and ');
      if (hasRoute) throw new InvalidOptionError(`the template ${label}`, 'that of one route only', list);
      new Logger('Cache').warn(
        `${list} cache under one template, ${label}: each gets what the other has cached. Give each its own, unless they answer the same.`,
      );
    }
  }
}
