import { InvalidOptionError } from '../primitives/errors.js';

/** What a validator finds wrong. `message` may quote the value. */
export interface SchemaIssue {
  readonly message: string;
  /** Where in the value, from its root. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a validator makes of a value: the value as it is from now on, or what is wrong with it. */
export type SchemaResult<V> =
  { readonly value: V; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/** A validator by Standard Schema 1 (https://standardschema.dev): what Zod, Valibot, ArkType and others make. */
export interface ValueSchema<V = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    /** Looks at a value, at once or by a promise. */
    readonly validate: (value: unknown) => SchemaResult<V> | Promise<SchemaResult<V>>;
  };
}

/**
 * Makes a value of today's version of what an entry of an older one holds, or of its promise; `undefined`: it cannot be
 * made, and the entry is a miss. `value` is a copy of its own.
 */
export type Migrate = (value: unknown, fromVersion: number) => unknown;

/** @throws InvalidOptionError for anything that is no Standard Schema */
export function checkSchema(name: string, schema: ValueSchema | undefined): ValueSchema | undefined {
  if (schema === undefined) return undefined;
  // Some are objects, those of ArkType are functions.
  const standard = (schema as Partial<ValueSchema> | null)?.['~standard'];
  if (standard?.version === 1 && typeof standard.validate === 'function') return schema;
  throw new InvalidOptionError(name, 'a Standard Schema of version 1, such as Zod, Valibot and ArkType make', schema);
}

/** @throws InvalidOptionError for what is no function, and where there is no older version */
export function checkMigrate(name: string, migrate: Migrate | undefined, version: number): Migrate | undefined {
  if (migrate === undefined) return undefined;
  if (typeof migrate !== 'function') throw new InvalidOptionError(name, 'a function', migrate);
  if (version > 1) return migrate;
  throw new InvalidOptionError(name, 'of a template whose version is 2 or more: there is nothing older', version);
}
