import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Bench, type Contender, type Outcome, type Pace, standingOf, verdict, type Verdict } from '../contest.js';
import type { HttpOrder } from '../http-client.js';
import { CACHED, CONSTANT, type Framework, FRAMEWORKS, INTERCEPTED, type Route, startApp } from '../http-app.js';
import { compete } from '../race.js';
import { onServer } from '../server.js';

const CLIENT = fileURLToPath(new URL('../http-client.ts', import.meta.url));
const REQUESTS = 256;

/** A cached endpoint of 50 KB over 32 connections from a process of its own. */
export const http: Bench = {
  name: 'http',
  async run(pace) {
    const outcomes: Outcome[] = [];
    for (const framework of FRAMEWORKS) outcomes.push(await onServer(({ url }) => compare(framework, url, pace)));
    return { outcomes, verdicts: outcomes.flatMap(verdictsOf) };
  },
};

async function compare(framework: Framework, url: string, pace: Pace): Promise<Outcome> {
  const app = await startApp(framework, url);
  const client = fork(CLIENT, { execArgv: ['--import', 'tsx'] });
  await once(client, 'message');
  try {
    const [base, ...others] = app.routes.map((route) => contenderOf(client, route)) as [Contender, ...Contender[]];
    return await compete({ title: titleOf(framework), callers: 1, operations: REQUESTS, base, others }, pace);
  } finally {
    client.disconnect();
    await app.close();
  }
}

/** A turn is many requests; what they take is their mean. */
function contenderOf(client: ChildProcess, { title, port, path }: Route): Contender {
  const order: HttpOrder = { port, path, requests: REQUESTS };
  const work = async (): Promise<void> => {
    client.send(order);
    const [answer] = (await once(client, 'message')) as [string];
    if (answer !== 'answered') throw new Error(`${title}: ${answer}`);
  };
  return { title, work };
}

function titleOf(framework: Framework): string {
  return `cached endpoint, 50 KB, ${framework}`;
}

function verdictsOf(outcome: Outcome): Verdict[] {
  const [ours, theirs] = [standingOf(outcome, CACHED), standingOf(outcome, INTERCEPTED)];
  return [
    verdict(`${outcome.title}: ÷ ${CONSTANT}`, ours.ratio, '>=', 0.9),
    {
      ...{ what: `${outcome.title}: ÷ ${INTERCEPTED}`, relation: '>=', target: 3 },
      figure: ours.rate.median / theirs.rate.median,
    },
  ];
}
