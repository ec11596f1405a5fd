import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { CacheManager, type CacheManagerOptions } from './cache-manager.js';
import { ForeignEntries } from './foreign-entries.js';

/** The token that `@nestjs/cache-manager` injects its cache by. */
export const CACHE_MANAGER = 'CACHE_MANAGER';

const builder = new ConfigurableModuleBuilder<CacheManagerOptions>({ moduleName: 'ShadowerCacheManager' })
  .setFactoryMethodName('createCacheOptions')
  .setExtras({ isGlobal: false }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/** The dynamic module of {@link CacheManagerModule}: `register`, `registerAsync`. */
export const ConfigurableCacheManagerModule = builder.ConfigurableModuleClass;

/**
 * Takes the place of the `CacheModule` of `@nestjs/cache-manager`: gives {@link CacheManager} under `CACHE_MANAGER`, over
 * the cache of `CacheModule.forRoot`, which has to be imported once. Its interceptor and decorators go on working.
 */
@Module({
  providers: [
    {
      provide: CACHE_MANAGER,
      inject: [ForeignEntries, builder.MODULE_OPTIONS_TOKEN],
      useFactory: (entries: ForeignEntries, options: CacheManagerOptions) => new CacheManager(entries, options),
    },
  ],
  exports: [CACHE_MANAGER],
})
export class CacheManagerModule extends ConfigurableCacheManagerModule {}
