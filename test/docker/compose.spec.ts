import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CollectionTag, parse } from 'yaml';
import { TREE } from '../guards/sandbox.js';

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly secrets?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<'redis' | 'redis-exporter' | 'backend' | 'prometheus' | 'grafana', Service>>;
  readonly networks?: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

const DOCKER = join(TREE, 'docker');
// Compose's own tags: what follows replaces the value of the file below, instead of adding to it.
const TAGS: CollectionTag[] = [
  { tag: '!reset', collection: 'seq', resolve: (value) => value },
  { tag: '!override', collection: 'map', resolve: (value) => value },
];

function composeFile(name: string): Compose {
  return parse(readFileSync(join(DOCKER, name), 'utf8'), { merge: true, customTags: TAGS }) as Compose;
}

const DEVELOPMENT = composeFile('compose.yml');
const PRODUCTION = composeFile('compose.production.yml');
const SERVICES = Object.entries(DEVELOPMENT.services);
const PASSWORD = '${REDIS_PASSWORD:-shadower_redis_dev_password_change_in_production}';

describe('docker/compose.yml', () => {
  it('has all that is needed to see the cache run', () => {
    expect(Object.keys(DEVELOPMENT.services)).toEqual(['redis', 'redis-exporter', 'backend', 'prometheus', 'grafana']);
  });

  it('mounts and builds what exists', () => {
    const mounted = SERVICES.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    const missing = mounted.filter((path) => path.startsWith('.') && !existsSync(join(DOCKER, path)));
    expect(missing).toEqual([]);
    const { context, dockerfile } = DEVELOPMENT.services.backend.build ?? { context: '', dockerfile: 'none' };
    expect(existsSync(join(DOCKER, context, dockerfile))).toBe(true);
  });

  it('starts Redis by the script that sets its users up, and checks it by the script that fails on NOAUTH', () => {
    const { command, healthcheck, volumes } = DEVELOPMENT.services.redis;
    expect(volumes).toEqual(['./redis:/usr/local/etc/redis:ro']);
    const scripts = [...(command ?? []), ...(healthcheck?.test ?? [])].filter((word) => word.startsWith('/'));
    expect(scripts).toHaveLength(3);
    for (const path of scripts) expect(existsSync(path.replace('/usr/local/etc', DOCKER))).toBe(true);
  });

  it('gives all the same password, by variable, and never on a command line', () => {
    const { redis, backend, 'redis-exporter': exporter } = DEVELOPMENT.services;
    for (const { environment } of [redis, backend, exporter]) expect(environment?.['REDIS_PASSWORD']).toBe(PASSWORD);
    expect(backend.environment?.['REDIS_URL']).toBe('redis://app@redis:6379/0');
    expect(exporter.environment?.['REDIS_USER']).toBe('exporter');
  });

  it('publishes ports on this machine only', () => {
    for (const [, { ports = [] }] of SERVICES) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('pins a released version of every image', () => {
    const images = SERVICES.flatMap(([, { image }]) => image ?? []);
    expect(images).toHaveLength(4);
    for (const image of images) expect(image).toMatch(/:v?\d+\.\d+\.\d+(-alpine)?\}?$/);
  });

  it.each(SERVICES)('takes the rights of a container from %s', (_name, service) => {
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
  });
});

describe('docker/compose.production.yml', () => {
  const merged = Object.fromEntries(
    SERVICES.map(([name, service]) => [
      name,
      { ...service, ...PRODUCTION.services[name as keyof Compose['services']] },
    ]),
  ) as Compose['services'];

  it('changes the services that exist', () => {
    expect(Object.keys(PRODUCTION.services)).toEqual(Object.keys(DEVELOPMENT.services));
  });

  it('publishes nothing but the backend, and that on this machine', () => {
    const { backend, ...others } = merged;
    for (const { ports = [] } of Object.values(others)) expect(ports).toEqual([]);
    expect(backend.ports).toEqual(['127.0.0.1:${PORT:-3000}:3000']);
  });

  it('keeps Redis on a network that leads nowhere else', () => {
    expect(merged.redis.networks).toEqual(['cache']);
    expect(PRODUCTION.networks).toMatchObject({ cache: { internal: true }, monitoring: { internal: true } });
  });

  it('takes every password from a file', () => {
    const secrets = Object.entries(PRODUCTION.secrets ?? {});
    for (const [name, { file }] of secrets) expect(file).toBe(`\${SECRETS:-./secrets}/${name}`);
    const used = new Set(Object.values(merged).flatMap((service) => service.secrets ?? []));
    expect([...used].toSorted()).toEqual(secrets.map(([name]) => name).toSorted());
    const environments = JSON.stringify(Object.values(merged).map(({ environment }) => environment));
    expect(environments).not.toContain('REDIS_PASSWORD');
    expect(readFileSync(join(DOCKER, '.gitignore'), 'utf8')).toBe('/secrets/\n');
  });

  it('encrypts what goes to Redis', () => {
    expect(merged.redis.environment?.['REDIS_TLS']).toBe('yes');
    expect(merged.backend.environment?.['REDIS_URL']).toBe('rediss://app@redis:6379/0');
    expect(merged['redis-exporter'].environment?.['REDIS_ADDR']).toBe('rediss://redis:6379');
  });

  it.each(Object.entries(merged))('writes to no file of the image of %s', (_name, service) => {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
  });
});

it('Grafana and Prometheus find what compose mounts for them', () => {
  const provisioning = join(DOCKER, 'grafana/provisioning');
  const sources = parse(readFileSync(join(provisioning, 'datasources/prometheus.yml'), 'utf8')) as {
    datasources: { uid: string; url: string }[];
  };
  expect(sources.datasources).toMatchObject([{ uid: 'prometheus', url: 'http://prometheus:9090' }]);
  const providers = parse(readFileSync(join(provisioning, 'dashboards/cache.yml'), 'utf8')) as {
    providers: { allowUiUpdates: boolean; options: { path: string } }[];
  };
  const [provider] = providers.providers;
  expect(provider).toMatchObject({ allowUiUpdates: false });
  expect(DEVELOPMENT.services.grafana.volumes).toContain(`./grafana/dashboards:${provider?.options.path ?? ''}:ro`);
  expect(readdirSync(join(DOCKER, 'grafana/dashboards')).length).toBeGreaterThan(0);
});
