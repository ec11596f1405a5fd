import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Database } from './database.js';

/** The open database, for everybody; closed when the application is. */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(database: Database): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [{ provide: Database, useFactory: () => database }],
      exports: [Database],
    };
  }
}
