import { Logger } from '@nestjs/common';
import type { KeyFamily } from '../../keys/key.js';
import { InvalidOptionError } from '../../primitives/errors.js';
import type { MethodDeclaration } from './method-metadata.js';

/** Who reads the entries of one template. */
interface Readers {
  readonly family: KeyFamily;
  readonly cache: string | undefined;
  readonly names: Map<string, object>;
  hasRoute: boolean;
}

/** Who reads the entries of each template, by cache: two that do, get each other's answers. */
export class TemplateReaders {
  readonly #readers: Readers[] = [];

  /** Counts what a class declares, inherited or not: a method of a base class is one of each subclass. */
  add(prototype: object, { method, caches, cache }: MethodDeclaration): void {
    if (!caches || caches.by === 'put') return;
    const readers = this.#of(caches.family, cache);
    readers.hasRoute ||= caches.by === 'route';
    const name = `${prototype.constructor.name}.${method}`;
    const isAnother = readers.names.has(name) && readers.names.get(name) !== prototype;
    readers.names.set(isAnother ? `another ${name}` : name, prototype);
  }

  /** Warns of templates that methods share, which may be meant. @throws InvalidOptionError for one that a route shares */
  check(): void {
    for (const { family, names, hasRoute } of this.#readers) {
      const { label } = family;
      if (names.size < 2) continue;
      const list = [...names.keys()].join(' and ');
      if (hasRoute) throw new InvalidOptionError(`the template ${label}`, 'that of one route only', list);
      new Logger('Cache').warn(
        `${list} cache under one template, ${label}: each gets what the other has cached. Give each its own, unless they answer the same.`,
      );
    }
  }

  #of(family: KeyFamily, cache: string | undefined): Readers {
    const known = this.#readers.find((readers) => readers.family === family && readers.cache === cache);
    if (known) return known;
    const readers = { family, cache, names: new Map<string, object>(), hasRoute: false };
    this.#readers.push(readers);
    return readers;
  }
}
