import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Janitor } from './janitor.js';
import { aptGet, isRootOnDebian } from './programs.js';

/** `stranger` is like `client`, but of an authority that nobody trusts. */
export type Identity = 'server' | 'client' | 'expired' | 'wrong-name' | 'stranger';

export interface TlsOptions {
  certificates: Certificates;
  /** As whom the server presents itself. @default 'server' */
  as?: Identity;
  /** Whether a client must have a certificate too. @default false */
  clientAuth?: boolean;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const HERE = 'DNS:localhost,IP:127.0.0.1';
const ELSEWHERE = 'DNS:elsewhere.invalid';

/** Certificates made on the spot, in a directory that goes with them. */
export class Certificates {
  private constructor(
    readonly directory: string,
    private readonly janitor: Janitor,
  ) {}

  static async create(): Promise<Certificates> {
    await requireOpenssl();
    const directory = mkdtempSync(join(tmpdir(), 'certificates-'));
    const certificates = new Certificates(directory, new Janitor(directory));
    try {
      await Promise.all([certificates.#authority('authority'), certificates.#authority('other')]);
      await Promise.all([
        certificates.#sign('server', HERE),
        certificates.#sign('client', HERE),
        // It ended before it began: openssl does not date a certificate back.
        certificates.#sign('expired', HERE, { days: -1 }),
        certificates.#sign('wrong-name', ELSEWHERE),
        certificates.#sign('stranger', HERE, { authority: 'other' }),
      ]);
      return certificates;
    } catch (error) {
      await certificates.remove();
      throw error;
    }
  }

  /** The file of the authority that signed all but `stranger`; `other` signed that. */
  authority(name: 'authority' | 'other' = 'authority'): string {
    return this.#path(`${name}.crt`);
  }

  certificate(identity: Identity): string {
    return this.#path(`${identity}.crt`);
  }

  key(identity: Identity): string {
    return this.#path(`${identity}.key`);
  }

  /** The options `tls` of a client: it trusts the authority, and presents itself as `identity` if there is one. */
  read(identity?: Identity): { ca: string; cert?: string; key?: string } {
    const text = (path: string): string => readFileSync(path, 'utf8');
    const ca = text(this.authority());
    return identity === undefined
      ? { ca }
      : { ca, cert: text(this.certificate(identity)), key: text(this.key(identity)) };
  }

  async remove(): Promise<void> {
    await this.janitor.finish();
  }

  #path(name: string): string {
    return join(this.directory, name);
  }

  async #authority(name: string): Promise<void> {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
    await this.#openssl('req', '-x509', ...NEW_KEY, '-days', '1', '-subj', `/CN=${name} of a test`, ...files);
  }

  async #sign(identity: Identity, names: string, { authority = 'authority', days = 1 } = {}): Promise<void> {
    const [request, extensions] = [`${identity}.csr`, `${identity}.ext`];
    writeFileSync(this.#path(extensions), `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`);
    await this.#openssl('req', ...NEW_KEY, '-subj', `/CN=${identity}`, '-keyout', `${identity}.key`, '-out', request);
    const signer = ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-set_serial', `0x${serialOf(identity)}`];
    const result = ['-days', String(days), '-extfile', extensions, '-out', `${identity}.crt`];
    await this.#openssl('x509', '-req', '-in', request, ...signer, ...result);
  }

  async #openssl(...args: string[]): Promise<void> {
    await promisify(execFile)('openssl', args, { cwd: this.directory });
  }
}

/** Arguments for a server that speaks TLS on `port`, and to other servers, and nothing else. */
export function tlsArgs(port: number, { certificates, as = 'server', clientAuth = false }: TlsOptions): string[] {
  return [
    ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', clientAuth ? 'yes' : 'no'],
    ...['--tls-cert-file', certificates.certificate(as), '--tls-key-file', certificates.key(as)],
    ...['--tls-ca-cert-file', certificates.authority()],
    ...['--tls-replication', 'yes', '--tls-cluster', 'yes'],
  ];
}

async function requireOpenssl(): Promise<void> {
  if (await hasOpenssl()) return;
  if (isRootOnDebian()) {
    aptGet('update');
    aptGet('install', '--yes', '--no-install-recommends', 'openssl');
  }
  if (!(await hasOpenssl())) throw new Error('The tests with TLS need the program openssl to make certificates');
}

async function hasOpenssl(): Promise<boolean> {
  return promisify(execFile)('openssl', ['version']).then(
    () => true,
    () => false,
  );
}

function serialOf(identity: Identity): string {
  return Buffer.from(identity).toString('hex');
}
