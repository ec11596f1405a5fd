import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CACHE } from '../support/debian-packages.js';
import { seriousFaults } from './support/axe.js';
import { type Look, stageOfSuite } from './support/stage.js';

const SCREENSHOTS = join(CACHE, 'screenshots');

/** Each view, and what is there when it is ready. */
const VIEWS: Readonly<Record<string, string>> = {
  overview: 'figure.plot svg',
  templates: 'tbody button.row',
  invalidations: 'tbody tr',
  keys: '.tree button.row',
  'warm-ups': 'tbody tr',
  findings: '.stats',
  coverage: 'tbody tr',
  doctor: '.bar button',
};

const LOOKS: readonly Look[] = [
  { colours: 'light', width: 1280 },
  { colours: 'dark', width: 1280 },
  { colours: 'light', width: 390 },
  { colours: 'dark', width: 390 },
];

const suite = stageOfSuite();
beforeAll(() => mkdirSync(SCREENSHOTS, { recursive: true }));

describe.each(LOOKS)('in $colours colours, $width pixels wide', (look) => {
  it.each(Object.entries(VIEWS))('shows the view %s to everybody, and nothing complains', async (view, ready) => {
    const { page, complaints } = await suite.stage.open(view, look);
    await page.locator(ready).first().waitFor();
    await page.screenshot({ path: join(SCREENSHOTS, `${view}-${look.colours}-${look.width}.png`), fullPage: true });

    expect(await seriousFaults(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(look.width);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
