import type { Patient, ServerCheck } from '../check.js';
import { fail, type Finding, pass, warn } from '../finding.js';
import { parseFields } from '../../redis/info.js';
import { needed } from './access-checks.js';

const SLOTS = 16_384;
const REMEDY = 'redis-cli --cluster check HOST:PORT, then as the runbook says of CLUSTERDOWN';

/** What a node thinks of its Cluster. */
async function viewOf({ server }: Patient): Promise<(field: string) => string> {
  const fields = parseFields(String(await server.send('CLUSTER', 'INFO')));
  return (field) => fields.get(field) ?? 'not told';
}

async function state(patient: Patient): Promise<Finding> {
  const observed = (await viewOf(patient))('cluster_state');
  return observed === 'ok' ? pass(observed) : fail(`cluster_state is ${observed}`, REMEDY);
}

async function slots(patient: Patient): Promise<Finding> {
  const view = await viewOf(patient);
  const [served, suspected] = [Number(view('cluster_slots_ok')), Number(view('cluster_slots_pfail'))];
  const observed = `${served} of ${SLOTS} slots`;
  if (served === SLOTS) return pass(observed);
  if (served + suspected === SLOTS) return warn(`${observed}; the server of the others is silent`, REMEDY);
  return fail(observed, REMEDY);
}

function commands(patient: Patient): Promise<Finding> {
  return needed(patient, ['CLUSTER SLOTS', 'CLUSTER INFO', 'CLUSTER NODES', 'ASKING', 'READONLY']);
}

/** What a Cluster has besides its servers. */
export const CLUSTER_CHECKS: readonly ServerCheck[] = [
  { id: 'cluster.state', title: 'The Cluster is whole', needs: 'cluster', run: state, look: 'redis-cli CLUSTER INFO' },
  { id: 'cluster.slots', title: 'Every slot is served', needs: 'cluster', run: slots, look: 'redis-cli CLUSTER INFO' },
  {
    ...{ id: 'cluster.commands', title: 'The Cluster’s commands are allowed', needs: 'cluster', run: commands },
    look: 'as an administrator: ACL GETUSER app',
  },
];
