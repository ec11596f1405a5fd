import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { CacheModuleOptions } from './cache-options.js';

/** The dynamic module of {@link CacheModule}: `forRoot`, `forRootAsync`; factory classes have `createCacheOptions`. */
export const { ConfigurableModuleClass: ConfigurableCacheModule, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<CacheModuleOptions>({ moduleName: 'ShadowerCache' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createCacheOptions')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
    .build();
