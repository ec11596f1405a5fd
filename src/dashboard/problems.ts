import { STATUS_CODES } from 'node:http';
import { CacheError } from '../primitives/errors.js';
import { RemoteStoreError } from '../stores/contracts.js';
import type { WireProblem } from './contract.js';

/** A request that is not answered as it was asked, and why. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'Refused';
  }
}

type Described = Pick<WireProblem, 'status' | 'detail' | 'code'>;

const UNKNOWN: Described = { status: 500, detail: 'It failed; the log of the server says why.' };

/** What is told of an error: nothing of one that is not this package's, as its message may quote what is cached. */
export function problemOf(error: unknown): WireProblem {
  const described = describe(error);
  return { type: 'about:blank', title: STATUS_CODES[described.status] ?? 'Error', ...described };
}

function describe(error: unknown): Described {
  if (error instanceof Refused) return { status: error.status, detail: error.message, code: error.code };
  if (error instanceof RemoteStoreError)
    return {
      status: 503,
      detail: `${error.message}. The rest of the page tells what this process knows.`,
      code: error.code,
    };
  if (!CacheError.is(error)) return UNKNOWN;
  const { code, message: detail } = error;
  if (code === 'INVALIDATION_TOO_BROAD') return { status: 409, detail, code };
  if ('statusCode' in error && typeof error.statusCode === 'number') return { status: error.statusCode, detail, code };
  return error.family === 'usage' ? { status: 400, detail, code } : UNKNOWN;
}
