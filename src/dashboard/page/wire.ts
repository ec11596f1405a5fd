import type { Routes, WireProblem } from '../contract.js';

type Reads = 'keys' | 'key' | 'history' | 'coverage' | 'warm-ups' | 'findings';
type Changes = 'doctor' | 'dry-run' | 'invalidate' | 'reload';
type QueryOf<R extends Reads> = Routes[R] extends { readonly query: infer Q extends object } ? Q : object;

/** A route that failed, with what the server said of it. */
export class Refusal extends Error {
  constructor(readonly problem: WireProblem) {
    super(problem.detail === '' ? problem.title : problem.detail);
  }

  get code(): string {
    return this.problem.code ?? '';
  }
}

/** The routes of one cache. */
export class Wire {
  constructor(private readonly cache: string) {}

  get<R extends Reads>(route: R, query: QueryOf<R>): Promise<Routes[R]['answer']> {
    return request(this.#url(route, query));
  }

  post<R extends Changes>(route: R, body: Routes[R]['body']): Promise<Routes[R]['answer']> {
    const headers = { 'Content-Type': 'application/json' };
    return request(this.#url(route, {}), { method: 'POST', headers, body: JSON.stringify(body) });
  }

  #url(route: string, query: object): string {
    const parameters = new URLSearchParams({ cache: this.cache });
    for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
    return `${route}?${parameters.toString()}`;
  }
}

async function request<Answer>(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, init).catch(() => undefined);
  if (!response) throw new Refusal(problem('The backend cannot be reached.', 0));
  if (response.ok) return (await response.json()) as Answer;
  const said = (await response.json().catch(() => ({}))) as Partial<WireProblem>;
  throw new Refusal({ ...problem(`The backend answered ${response.status}.`, response.status), ...said });
}

function problem(detail: string, status: number): WireProblem {
  return { type: 'about:blank', title: 'The request failed', status, detail };
}
