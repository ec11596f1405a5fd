import 'reflect-metadata';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Controller, Injectable } from '@nestjs/common';
import { Args, GraphQLModule, ID, Query, Resolver } from '@nestjs/graphql';
import { type ClientProxy, ClientProxyFactory, MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { lastValueFrom } from 'rxjs';
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { Cacheable, CacheEvict, CacheModule, defineKey } from '../../src/index.js';
import { freePort } from '../support/free-port.js';
import { Applications } from './applications.js';

const Name = defineKey('agent:{agentId}:name');

@Injectable()
@Resolver()
class AgentsResolver {
  loads = 0;

  @Query(() => String)
  @Cacheable(Name, { key: ['agentId'] })
  async agentName(@Args('id', { type: () => ID }) id: string): Promise<string> {
    this.loads += 1;
    return Promise.resolve(`agent ${id}`);
  }
}

@Controller()
class AgentMessages {
  loads = 0;

  @MessagePattern('agent.name')
  @Cacheable(Name, { key: ({ id }: { id: string }) => ({ agentId: id }) })
  async name(@Payload() payload: { id: string }): Promise<string> {
    this.loads += 1;
    return Promise.resolve(`agent ${payload.id}`);
  }

  @CacheEvict({ key: ({ id }: { id: string }) => Name({ agentId: id }) })
  @MessagePattern('agent.rename')
  async rename(@Payload() payload: { id: string }): Promise<string> {
    return Promise.resolve(payload.id);
  }
}

describe('decorated handlers', () => {
  const applications = new Applications();
  afterEach(() => applications.close());

  it('of GraphQL are cached', async () => {
    const graphql = GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true });
    const app = await applications.start({ imports: [graphql], providers: [AgentsResolver] });
    const ask = async (id: string): Promise<unknown> => {
      const query = `{ agentName(id: "${id}") }`;
      const answer = await request(app.getHttpServer() as never)
        .post('/graphql')
        .send({ query });
      return (answer.body as { data: unknown }).data;
    };

    expect([await ask('1'), await ask('1')]).toEqual([{ agentName: 'agent 1' }, { agentName: 'agent 1' }]);
    expect(app.get(AgentsResolver).loads).toBe(1);
  });

  it('of microservices are cached, and invalidate', async () => {
    const port = await freePort();
    const module = await Test.createTestingModule({
      imports: [CacheModule.forRoot()],
      controllers: [AgentMessages],
    })
      .setLogger(false as never)
      .compile();
    const options = { host: '127.0.0.1', port };
    const service = module.createNestMicroservice({ transport: Transport.TCP, options });
    await service.listen();
    const client: ClientProxy = ClientProxyFactory.create({ transport: Transport.TCP, options });
    const ask = (pattern: string): Promise<unknown> => lastValueFrom(client.send<unknown>(pattern, { id: '1' }));

    expect([await ask('agent.name'), await ask('agent.name')]).toEqual(['agent 1', 'agent 1']);
    expect(module.get(AgentMessages).loads).toBe(1);
    await ask('agent.rename');
    await ask('agent.name');
    expect(module.get(AgentMessages).loads).toBe(2);
    await client.close();
    await service.close();
  });
});
