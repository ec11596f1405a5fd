import { beforeAll, expect, it } from 'vitest';
import { seriousFaults } from './support/axe.js';
import { shoot } from './support/screenshots.js';
import { type Opened, stageOfSuite } from './support/stage.js';

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

/** Colours do not depend on the width: axe looks at each once. */
const LOOKS = [
  { colours: 'light', width: 1280, isExamined: true },
  { colours: 'dark', width: 1280, isExamined: false },
  { colours: 'light', width: 390, isExamined: false },
  { colours: 'dark', width: 390, isExamined: true },
] as const;

const suite = stageOfSuite();
let opened: Opened;
beforeAll(async () => {
  opened = await suite.stage.open();
});

it.each(Object.entries(VIEWS))('shows the view %s to everybody, and nothing complains', async (view, ready) => {
  const { page, complaints } = opened;
  await page.locator(`#tab-${view}`).click();
  await page.locator(`#panel[aria-labelledby="tab-${view}"] ${ready}`).first().waitFor();
  for (const { colours, width, isExamined } of LOOKS) {
    await page.emulateMedia({ colorScheme: colours });
    await page.setViewportSize({ width, height: 900 });
    await shoot(page, `${view}-${colours}-${width}`);
    expect(await page.evaluate('document.documentElement.scrollWidth'), `${width} pixels`).toBeLessThanOrEqual(width);
    if (isExamined) expect(await seriousFaults(page), `${colours}, ${width} pixels`).toEqual([]);
  }
  expect(complaints).toEqual([]);
});
