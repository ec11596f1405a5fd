import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

const FORBIDDEN_PORT = 6379;
/** A cluster node also listens on its port plus 10,000. */
const HIGHEST_PORT = 55_535;

/** A port of 127.0.0.1 that nobody listens on; never Redis's own. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port === FORBIDDEN_PORT || port > HIGHEST_PORT ? freePort() : port;
}
