import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dashboardFiles } from './files.js';

const folder = fileURLToPath(new URL('../dashboards/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(await dashboardFiles())) writeFileSync(folder + name, text);
