import { REFUSALS } from './refusals.js';
import { inEveryMode } from './in-every-mode.js';

inEveryMode(REFUSALS);
