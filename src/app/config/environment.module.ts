import { type DynamicModule, Global, Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { validateEnvironment } from '../../index.js';
import { Environment } from './environment.js';

/** Variables that stand in for those of the process, by name. */
export type Overrides = Readonly<Record<string, string>>;

/** Gives everybody the `Environment`. */
@Global()
@Module({})
export class EnvironmentModule {
  static forRoot(environment: Environment): DynamicModule {
    return {
      module: EnvironmentModule,
      providers: [{ provide: Environment, useValue: environment }],
      exports: [Environment],
    };
  }

  /**
   * The variables of the process and of `.env`, checked. The checked values are not handed back to `ConfigModule`: it would
   * write the defaults into the process's environment, where a second application of the same process would find them.
   * @throws the one error of `validateEnvironment`, which names variable, rule and value
   */
  static async read(overrides: Overrides = {}): Promise<Environment> {
    return new Promise((resolve, reject) => {
      const validate = (raw: Record<string, unknown>): Record<string, unknown> => {
        resolve(validateEnvironment(Environment, { ...raw, ...overrides }));
        return raw;
      };
      ConfigModule.forRoot({ validate }).catch(reject);
    });
  }
}
