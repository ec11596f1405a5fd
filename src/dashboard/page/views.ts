import type { ComponentType } from 'preact';
import { CoverageView } from './views/coverage.js';
import { DoctorView } from './views/doctor.js';
import { FindingsView } from './views/findings.js';
import { InvalidationsView } from './views/invalidations.js';
import { KeysView } from './views/keys.js';
import { OverviewView } from './views/overview.js';
import { TemplatesView } from './views/templates.js';
import { WarmUpsView } from './views/warm-ups.js';

/** A view of the page: its place in the address, its tab, and what it shows. */
export interface ViewEntry {
  readonly id: string;
  readonly name: string;
  readonly View: ComponentType;
}

/** In the order of the tabs. A view is added by a line here. */
export const VIEWS = [
  { id: 'overview', name: 'Overview', View: OverviewView },
  { id: 'templates', name: 'Templates', View: TemplatesView },
  { id: 'invalidations', name: 'Invalidations', View: InvalidationsView },
  { id: 'keys', name: 'Keys', View: KeysView },
  { id: 'warm-ups', name: 'Warm-ups', View: WarmUpsView },
  { id: 'findings', name: 'Spot checks', View: FindingsView },
  { id: 'coverage', name: 'Coverage', View: CoverageView },
  { id: 'doctor', name: 'Doctor', View: DoctorView },
] as const satisfies readonly ViewEntry[];
