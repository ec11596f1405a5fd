import { type DynamicModule, type FactoryProvider, Logger, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { CacheEvents } from '../cache/cache-events.js';
import { CacheHealthIndicator } from '../cache/cache-health.js';
import { Caches } from '../cache/caches.js';
import { WarmingBinder } from '../cache/warming/warming-binder.js';
import { Dashboard } from './dashboard.js';
import { controllerOf } from './dashboard.controller.js';
import {
  type CacheDashboardOptions,
  type DashboardSettings,
  isUnguarded,
  resolveSettings,
} from './dashboard-options.js';

const UNGUARDED =
  'The dashboard is off: in production it needs a token or guards. Give CacheDashboardModule.forRoot({ token }) one (openssl rand -base64 32), or { enabled: false }.';

/**
 * A page of what the caches of an instance do, with a browser of keys, and evictions that the ledger tells with who made
 * them. Import once, beside `CacheModule`. In production it is off, and its path a 404, unless it has a token or guards.
 * While no page is open it costs nothing.
 */
@Module({})
export class CacheDashboardModule {
  /** The page at `path`. @throws InvalidOptionError for a token of fewer than 16 characters */
  static forRoot(options: CacheDashboardOptions = {}): DynamicModule {
    const { path = '/cache', enabled = true, guards = [] } = options;
    if (!enabled) return { module: DisabledDashboardModule };
    if (isUnguarded(options)) return { module: UnguardedDashboardModule };
    return {
      module: CacheDashboardModule,
      controllers: [controllerOf(path, guards)],
      providers: [dashboardOf(resolveSettings(options))],
    };
  }
}

@Module({})
class DisabledDashboardModule {}

@Module({})
class UnguardedDashboardModule implements OnApplicationBootstrap {
  onApplicationBootstrap(): void {
    new Logger('Cache').warn(UNGUARDED);
  }
}

function dashboardOf(settings: DashboardSettings): FactoryProvider<Dashboard> {
  return {
    provide: Dashboard,
    inject: [Caches, CacheEvents, CacheHealthIndicator, WarmingBinder],
    useFactory: (caches: Caches, events: CacheEvents, health: CacheHealthIndicator, warming: WarmingBinder) =>
      new Dashboard(settings, { caches, events, health, warming, clock: caches.get().runtime.clock }),
  };
}
