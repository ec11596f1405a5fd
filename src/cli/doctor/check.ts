import type { CacheEnvironment } from '../../index.js';
import type { Clock } from '../clock.js';
import type { Finding } from './finding.js';
import type { Place } from '../redis/place.js';
import type { Server } from '../redis/server.js';
import type { Settings } from '../redis/settings.js';

/** What can be known without Redis. */
export interface Surroundings {
  readonly settings: Settings;
  readonly clock: Clock;
}

/** What can be asked once connected. */
export interface Patient extends Surroundings {
  readonly environment: CacheEnvironment;
  readonly place: Place;
  readonly server: Server;
  /** A field of `INFO`. @throws CommandError when this user may not ask, or the server does not tell */
  readonly info: (field: string) => string;
}

interface Named {
  /** Stable, for programs: `group.name`. */
  readonly id: string;
  /** What is right when it passes. */
  readonly title: string;
}

/** A check of what is configured. */
export interface SettingsCheck extends Named {
  readonly needs: 'settings';
  readonly run: (surroundings: Surroundings) => Finding | Promise<Finding>;
}

/** A check of a server. A command that the user may not run makes it `unknown`. */
export interface ServerCheck extends Named {
  /** `server`: each primary is looked at. `keys`: whoever has the keys is asked. `cluster`: as `server`, of a Cluster only. */
  readonly needs: 'server' | 'keys' | 'cluster';
  readonly run: (patient: Patient) => Finding | Promise<Finding>;
  /** How a person with more rights can look; for what the application's user need not be allowed to. */
  readonly look?: string;
}

/** One line of the report. */
export type Check = SettingsCheck | ServerCheck;
