import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { CACHE } from '../../support/debian-packages.js';

const FOLDER = join(CACHE, 'screenshots');

/** Keeps what the page looks like, for people to look at: in `node_modules/.cache/screenshots`. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true });
}
