import type { CanActivate, Type } from '@nestjs/common';
import { InvalidOptionError } from '../primitives/errors.js';
import { isProduction } from './surroundings.js';

/** Makes of a value what may be shown of it. */
export type ShowValue = (value: unknown, of: { readonly key: string; readonly template: string }) => unknown;

/** Options of {@link CacheDashboardModule}. */
export interface CacheDashboardOptions {
  /** Where the page is served, below the global prefix. @default '/cache' */
  readonly path?: string;
  /** False: no page and no routes. @default true */
  readonly enabled?: boolean;
  /** Whether this is production, where it is off without a token or guards, and values are not shown. @default NODE_ENV is production */
  readonly production?: boolean;
  /**
   * What every request must carry, as `Authorization: Bearer …` or as the password of HTTP Basic with any user name, which
   * browsers ask for by themselves; else it is answered with 401. At least 16 characters. @default none
   */
  readonly token?: string;
  /** Guards of the application that every request must pass, before the token is looked at. @default none */
  readonly guards?: readonly (CanActivate | Type<CanActivate>)[];
  /** Whether nothing can be changed: no eviction, no reload. @default false */
  readonly readOnly?: boolean;
  /**
   * What is shown of values: what this function makes of them (they are frozen; where it throws, nothing is shown), or
   * `never` any. @default as they are, in production `never`
   */
  readonly showValue?: ShowValue | 'never';
  /**
   * Who is asking, for the ledger: given the request as the adapter has it, so after the guards; at most 80 characters of it
   * are written. @default the user name of HTTP Basic
   */
  readonly whoIs?: (request: never) => string | undefined;
}

/** {@link CacheDashboardOptions} with nothing left to default. */
export interface DashboardSettings {
  readonly token: string | undefined;
  readonly readOnly: boolean;
  readonly showValue: ShowValue | 'never' | undefined;
  readonly whoIs: ((request: never) => string | undefined) | undefined;
}

const SHORTEST_TOKEN = 16;

/** Whether anybody could come in: in production nobody may who has shown nothing. */
export function isUnguarded({ production = isProduction(), token, guards = [] }: CacheDashboardOptions): boolean {
  return production && token === undefined && guards.length === 0;
}

/** @throws InvalidOptionError for a token that is too short */
export function resolveSettings({
  production = isProduction(),
  token,
  readOnly = false,
  showValue,
  whoIs,
}: CacheDashboardOptions): DashboardSettings {
  if (token !== undefined) checkToken(token);
  if (showValue !== undefined && showValue !== 'never' && typeof showValue !== 'function')
    throw new InvalidOptionError('showValue of CacheDashboardModule', "a function or 'never'", showValue);
  return { token, readOnly, showValue: showValue ?? (production ? 'never' : undefined), whoIs };
}

/** The token itself is never told, whatever is wrong with it. */
function checkToken(token: unknown): void {
  if (typeof token === 'string' && token.length >= SHORTEST_TOKEN) return;
  const rule = `at least ${SHORTEST_TOKEN} characters (openssl rand -base64 32)`;
  throw new InvalidOptionError('token of CacheDashboardModule', rule, typeof token === 'string' ? token.length : {});
}
