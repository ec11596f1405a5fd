import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CacheDashboardModule, InvalidOptionError } from '../../src/index.js';
import { ADAPTERS } from '../http/adapters.js';
import { OWN, Servers } from './support/dashboard.js';

const TOKEN = 'a-token-of-24-characters';
const BEARER = { authorization: `Bearer ${TOKEN}` };
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PATHS = [
  ...['', '/page', '/assets/page-ABCDEFGH.js', '/stream', '/keys', '/key?key=note:1', '/history', '/coverage'],
  ...['/warm-ups', '/findings', '/nothing'],
];
/** Where a post says that it comes from, and what it is answered with. */
const ORIGINS: readonly (readonly [Record<string, string>, number])[] = [
  [{ 'sec-fetch-site': 'same-origin' }, 200],
  [{ 'sec-fetch-site': 'same-site' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'none' }, 403],
  [{}, 403],
  [{ origin: 'http://evil.example' }, 403],
  [{ origin: 'null' }, 403],
  [{ origin: 'http://here.example:8080', host: 'here.example:8080' }, 200],
  [{ origin: 'http://here.example:8080', host: 'here.example' }, 403],
  [{ origin: 'http://here.example', host: 'here.example', 'sec-fetch-site': 'cross-site' }, 403],
];

function basic(user: string, password: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

@Injectable()
class AdminsOnly implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest<{ headers: Record<string, string> }>().headers['x-role'] === 'admin';
  }
}

describe.each(ADAPTERS)('who may use the dashboard, on %s', (adapter) => {
  const servers = new Servers();
  afterEach(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await servers.close();
  });

  it('asks for the token wherever it is asked', async () => {
    const { server } = await servers.start({ token: TOKEN }, {}, adapter);
    const wrong = [{}, { authorization: `Bearer ${TOKEN}x` }, basic('ada', 'wrong'), { authorization: 'Basic' }];

    for (const path of PATHS)
      for (const header of wrong) {
        const answer = await server.ask(`/cache${path}`, header).expect(401);
        expect(answer.headers['www-authenticate']).toBe('Basic realm="cache", charset="UTF-8"');
        expect(answer.headers['content-type']).toContain('application/problem+json');
        expect(answer.body).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
      }
  });

  it('takes the token as a bearer token, and as the password of anybody', async () => {
    const { server } = await servers.start({ token: TOKEN }, {}, adapter);

    for (const right of [BEARER, basic('ada', TOKEN), basic('', TOKEN)])
      await server.ask('/cache/keys', right).expect(200);
    await server
      .ask('/cache/invalidate', { ...OWN, ...basic('ada', 'x') }, 'post')
      .send('{"keys":["a"]}')
      .expect(401);
    await server
      .ask('/cache/invalidate', { ...OWN, ...BEARER }, 'post')
      .send('{"keys":["a"]}')
      .expect(200);
  });

  it('is not there in production without a token or guards, and says once what to do', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const { server } = await servers.start({}, {}, adapter);

    for (const path of ['', '/', '/keys', '/stream']) await server.ask(`/cache${path}`).expect(404);
    const told = warn.mock.calls.filter(([message]) => String(message).includes('The dashboard is off'));
    expect(told).toEqual([[expect.stringContaining('openssl rand')]]);
  });

  it('is there in production with either, without values', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const token = await servers.start({ token: TOKEN }, {}, adapter);
    const guards = await servers.start({ guards: [AdminsOnly] }, {}, adapter);
    await token.cache.set('note:1', 'a value');

    expect(await token.get('key?key=note:1', BEARER)).toMatchObject({ value: { shown: false, why: 'never' } });
    await guards.server.ask('/cache/keys', { 'x-role': 'admin' }).expect(200);
    for (const path of ['', '/page', '/stream', '/keys', '/assets/x.js'])
      await guards.server.ask(`/cache${path}`).expect(403);
  });

  it('can be turned off, and put elsewhere', async () => {
    const off = await servers.start({ enabled: false }, {}, adapter);
    const elsewhere = await servers.start({ path: '/internal/cache' }, {}, adapter);

    await off.server.ask('/cache/keys').expect(404);
    await elsewhere.server.ask('/internal/cache/keys').expect(200);
    const { headers } = await elsewhere.server.ask('/internal/cache?a=1').expect(302);
    expect(headers['location']).toBe(adapter === 'express' ? 'cache/' : 'cache/page');
  });

  it('says on every answer that scripts, styles and requests are its own and that it is not to be framed', async () => {
    const { server } = await servers.start({ token: TOKEN }, {}, adapter);

    for (const [path, as] of [
      ['', {}],
      ['', BEARER],
      ['/page', BEARER],
      ['/keys', BEARER],
    ] as const) {
      const asked = server.ask(`/cache${path}`, as);
      const { headers } = await asked;
      expect(headers['content-security-policy']).toBe(POLICY);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['x-frame-options']).toBe('DENY');
    }
  });

  it('takes posts from its own page only', async () => {
    const served = await servers.start({}, {}, adapter);

    for (const [from, status] of ORIGINS)
      for (const path of ['invalidate', 'dry-run']) {
        const headers = { 'content-type': 'application/json', ...from };
        await served.post(path, { keys: ['note:1'] }, headers).expect(status);
      }
  });

  it('changes nothing for another site, for a form, and for a GET', async () => {
    const served = await servers.start({}, {}, adapter);
    await served.cache.set('note:1', 'kept');

    const body: unknown = (
      await served
        .post('invalidate', { keys: ['note:1'] }, { 'content-type': 'application/json', origin: 'http://evil.example' })
        .expect(403)
    ).body;
    expect(body).toMatchObject({ code: 'FOREIGN_ORIGIN' });
    await served.post('invalidate', { keys: ['note:1'] }, { ...OWN, 'content-type': 'text/plain' }).expect(415);
    await served.server.ask('/cache/invalidate?keys=note:1', OWN).expect(404);
    expect(await served.cache.get('note:1')).toBe('kept');
  });

  it('tells other sites nothing, whatever the application allows them', async () => {
    const { server } = await servers.start({}, {}, adapter);

    for (const site of ['cross-site', 'same-site'])
      await server.ask('/cache/keys', { 'sec-fetch-site': site }).expect(403);
    await server.ask('/cache/keys', { 'sec-fetch-site': 'none' }).expect(200);
  });

  it('changes nothing where it is read-only, and still tells what a change would take', async () => {
    const served = await servers.start({ readOnly: true }, {}, adapter);
    await served.cache.set('note:1', 'kept');

    for (const path of ['invalidate', 'reload']) {
      const body: unknown = (await served.post(path, { keys: ['note:1'], key: 'note:1' }).expect(403)).body;
      expect(body).toMatchObject({ code: 'READ_ONLY' });
    }
    const body: unknown = (await served.post('dry-run', { keys: ['note:1'] }).expect(200)).body;
    expect(body).toMatchObject({ entries: 1, templates: { 'note:{id}': 1 } });
    expect(await served.cache.get('note:1')).toBe('kept');
  });
});

describe('the options of the dashboard', () => {
  it.each(['', 'short', 15])('refuses %j as a token, and does not repeat it', (token) => {
    const refused = (): unknown => CacheDashboardModule.forRoot({ token: token as string });

    expect(refused).toThrow(InvalidOptionError);
    expect(refused).toThrow(/at least 16 characters/);
  });

  it('refuses what cannot show values', () => {
    expect(() => CacheDashboardModule.forRoot({ showValue: 'always' as never })).toThrow(/showValue/);
  });
});
