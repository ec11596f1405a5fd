import type { Files } from '../guards/sandbox.js';

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    ...{ target: 'ES2023', module: 'nodenext', moduleResolution: 'nodenext', types: ['node'], strict: true },
    ...{ experimentalDecorators: true, emitDecoratorMetadata: true, outDir: 'out', rootDir: 'src' },
    // Every type that the package names must be there, in whatever its user installs.
    skipLibCheck: false,
  },
  include: ['src'],
});

/** An application as `nest new` makes it, before anything is cached. */
export const EMPTY: Files = {
  'tsconfig.json': TSCONFIG,
  'src/agents.controller.ts': `import { Controller, Get, Param, Post } from '@nestjs/common';

@Controller('agents')
export class AgentsController {
  private runs = 0;

  @Get(':id/stats')
  async stats(@Param('id') id: string): Promise<unknown> {
    return { id, runs: this.runs };
  }

  @Post(':id/runs')
  async record(@Param('id') id: string): Promise<string> {
    this.runs += 1;
    return id;
  }
}
`,
  'src/app.module.ts': `import { Module } from '@nestjs/common';
import { AgentsController } from './agents.controller.js';

@Module({
  imports: [],
  controllers: [AgentsController],
})
export class AppModule {}
`,
  'src/main.ts': `import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['error'] });
await app.listen(0, '127.0.0.1');
const agents = (await app.getUrl()) + '/agents/456';
const stats = async (): Promise<string> => {
  const answer = await fetch(agents + '/stats');
  return (await answer.text()) + ' ' + (answer.headers.get('cache-status') ?? 'not cached');
};
console.log(await stats());
console.log(await stats());
await fetch(agents + '/runs', { method: 'POST' });
console.log(await stats());
await app.close();
`,
};

/** The same with its endpoint cached, and invalidated by an event. */
export const CACHED: Files = {
  ...EMPTY,
  'src/agents.controller.ts': `import { Controller, Get, Param, Post } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { AgentChanged, CacheResponse, defineKey, fromParam } from '@shadower/nestjs-cache';

const AgentStats = defineKey('agent:{agentId}:stats');

@Controller('agents')
export class AgentsController {
  private runs = 0;

  constructor(private readonly events: EventEmitter2) {}

  @Get(':id/stats')
  @CacheResponse(AgentStats, { key: { agentId: fromParam('id') }, public: true })
  async stats(@Param('id') id: string): Promise<unknown> {
    return { id, runs: this.runs };
  }

  @Post(':id/runs')
  async record(@Param('id') id: string): Promise<string> {
    this.runs += 1;
    await this.events.emitAsync(AgentChanged.event, new AgentChanged(id));
    return id;
  }
}
`,
  'src/app.module.ts': `import { Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { CacheModule } from '@shadower/nestjs-cache';
import { AgentsController } from './agents.controller.js';

@Module({
  imports: [EventEmitterModule.forRoot(), CacheModule.forRoot()],
  controllers: [AgentsController],
})
export class AppModule {}
`,
};

/** The three uses of the package, in one application: inject, emit, scrape. */
export const THREE_USES: Files = {
  'tsconfig.json': TSCONFIG,
  'src/main.ts': `import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { Cacheable, CacheModule, CacheService, defineKey, PrometheusModule, UserChanged } from '@shadower/nestjs-cache';

const Profile = defineKey('user:{userId}:profile');

@Injectable()
class Users {
  loads = 0;

  constructor(private readonly cache: CacheService, readonly events: EventEmitter2) {}

  injected(userId: string): Promise<number> {
    return this.cache.getOrLoad(Profile({ userId }), () => ++this.loads);
  }

  @Cacheable(Profile, { key: ['userId'] })
  async decorated(_userId: string): Promise<number> {
    return ++this.loads;
  }
}

@Module({
  imports: [EventEmitterModule.forRoot(), CacheModule.forRoot(), PrometheusModule.forRoot()],
  providers: [Users],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error'] });
await app.listen(0, '127.0.0.1');
const users = app.get(Users);
await users.injected('1');
await users.decorated('1');
await users.events.emitAsync(UserChanged.event, new UserChanged('1'));
const loads = await users.decorated('1');
const metrics = await (await fetch((await app.getUrl()) + '/metrics')).text();
console.log(loads, /cache_hits_total\\{[^}]*user:/.test(metrics));
await app.close();
`,
  'src/required.cts': `const { CacheModule, defineKey } = require('@shadower/nestjs-cache') as typeof import('@shadower/nestjs-cache', { with: { 'resolution-mode': 'import' } });
console.log(typeof CacheModule.forRoot, String(defineKey('a:{b}')({ b: 1 })));
`,
};

/** The contract of the cache as a test of jest. */
export const JEST: Files = {
  'jest.config.json': JSON.stringify({ testMatch: ['**/*.test.mjs'], transform: {} }),
  'contract.test.mjs': `import 'reflect-metadata';
import { describeCacheContract } from '@shadower/nestjs-cache/testing';

describeCacheContract({ describe, it }, () => ({ redis: { url: process.env.REDIS_URL } }));
`,
};

/** How many lines an application has that another has not. */
export function linesAdded(before: Files, after: Files): number {
  return Object.entries(after).reduce((sum, [path, text]) => {
    const old = (before[path] ?? '').split('\n');
    const added = text.split('\n').filter((line) => {
      const at = old.indexOf(line);
      if (at >= 0) old.splice(at, 1);
      return at < 0 && line.trim() !== '';
    });
    return sum + added.length;
  }, 0);
}
