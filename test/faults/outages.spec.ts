import { OUTAGES } from './outages.js';
import { inEveryMode } from './in-every-mode.js';

inEveryMode(OUTAGES);
