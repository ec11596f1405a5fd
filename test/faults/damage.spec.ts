import { DAMAGE } from './damage.js';
import { inEveryMode } from './in-every-mode.js';

inEveryMode(DAMAGE);
