import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CacheEvents } from '../cache/cache-events.js';
import { CACHE_IMPLEMENTATIONS } from '../cache/tokens.js';
import { CacheRecorder } from './cache-recorder.js';
import { ManualClock } from './manual-clock.js';

/**
 * Beside `CacheModule` in a test: its cache then goes by a {@link ManualClock}, and a {@link CacheRecorder} counts what it
 * does. Both can be injected. Without `redis` the cache lives in the memory of the test.
 */
@Global()
@Module({})
export class CacheTestingModule {
  /** With a clock of yours, or one that stands still at a fixed instant. */
  static forRoot(clock = new ManualClock()): DynamicModule {
    const replaced = { clock: () => clock };
    return {
      module: CacheTestingModule,
      providers: [
        { provide: ManualClock, useValue: clock },
        { provide: CACHE_IMPLEMENTATIONS, useValue: replaced },
        {
          provide: CacheRecorder,
          inject: [CacheEvents],
          useFactory: (events: CacheEvents) => new CacheRecorder(events),
        },
      ],
      exports: [ManualClock, CACHE_IMPLEMENTATIONS, CacheRecorder],
    };
  }
}
