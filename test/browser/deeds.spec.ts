import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/caches.js';
import { shoot } from './support/screenshots.js';
import { stageOfSuite } from './support/stage.js';

const suite = stageOfSuite();

/** An answer that nobody else asks for, and no visitor's run changes. */
const PATH = 'users/nobody/profile?timeframe=7d';
const KEY = 'user:nobody:profile:7d';

beforeAll(async () => {
  const run = { agentId: 'quiet', userId: 'nobody', workspaceId: 'quiet', status: 'completed', runtimeSeconds: 1 };
  await suite.stage.backend.post('runs', run);
});

/** `hit` or `miss`, as the answer says. */
async function read(): Promise<string | undefined> {
  const { headers } = await fetch(`${suite.stage.url}/${PATH}`);
  return /^shadower; (hit|fwd=miss)/.exec(headers.get('cache-status') ?? '')?.[1]?.replace('fwd=', '');
}

/** Reads until it is cached. */
async function cached(): Promise<void> {
  await read();
  expect(await read()).toBe('hit');
}

async function textOf(place: Locator): Promise<string> {
  return (await place.textContent()) ?? '';
}

/** Waits for the page to have drawn what a key has asked for: a tab of that name that has the focus and is selected. */
function focusedTab(page: Page, name: string | undefined): Promise<void> {
  const tab = page.locator('[role=tab][aria-selected=true]:focus');
  return tab.filter({ hasText: new RegExp(`^${name as string}$`) }).waitFor();
}

/** The figure of the overview with this name. */
function stat(page: Page, name: string): Locator {
  return page.locator('.stat', { has: page.getByText(name, { exact: true }) });
}

describe('the figures', () => {
  it('move', async () => {
    const { page } = await suite.stage.open('overview');
    const operations = stat(page, 'Operations').locator('.beside');
    const before = await textOf(operations);
    await until(async () => (await textOf(operations)) !== before, 10_000);
    await until(async () => (await page.locator('.plot path.line').count()) === 6, 10_000);
    await page.context().close();
  });

  it('are said to be old while the stream is broken, and go on by themselves', async () => {
    const { page } = await suite.stage.open('overview');
    suite.stage.backend.app.getHttpServer().closeAllConnections();
    await page.getByText('Disconnected.').waitFor();
    await shoot(page, 'disconnected');
    expect(await textOf(page.locator('.badge').first())).toMatch(/^disconnected, figures .* old$/);
    expect(await textOf(page.getByRole('status'))).toBe('Disconnected');
    await page.getByText('live', { exact: true }).waitFor();
    expect(await page.getByText('Disconnected.').count()).toBe(0);
    await page.context().close();
  });
});

describe('an invalidation by clicking', () => {
  it('takes one key: the next read is a miss, and the ledger tells of it', async () => {
    const { page, complaints } = await suite.stage.open('keys');
    await cached();
    await page.getByLabel('Pattern').first().fill('user:nobody:*');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.locator('.tree button.leaf', { hasText: KEY }).click();
    await page.locator('.inspector .badge').getByText('fresh', { exact: true }).waitFor();
    await shoot(page, 'inspector');
    await page.locator('.inspector').getByRole('button', { name: 'Invalidate' }).click();
    await page.locator('.inspector').getByText('Invalidated.').waitFor();
    await page.locator('.tree').getByText('invalidated', { exact: true }).waitFor();
    expect(await read()).toBe('miss');

    await page.getByRole('tab', { name: 'Invalidations' }).click();
    await page.getByLabel('Filter').fill(KEY);
    await page.locator('tbody tr', { hasText: 'dashboard' }).first().waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('takes many after a dry run, which takes none', async () => {
    const { page, complaints } = await suite.stage.open('keys');
    await cached();
    const many = page.getByRole('region', { name: 'Invalidate many' });
    await many.getByRole('textbox', { name: 'Pattern' }).fill('user:nobody:*');
    await many.getByLabel('Because').fill('a test');
    await many.getByRole('button', { name: 'Dry run' }).click();
    await many.locator('.blast').waitFor();
    await shoot(page, 'dry-run');
    expect(await read()).toBe('hit');
    await many.getByRole('button', { name: /^Invalidate \d/ }).click();
    await many.getByText('a test', { exact: false }).last().waitFor();
    expect(await read()).toBe('miss');
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('a reload by clicking', () => {
  it('loads the value anew', async () => {
    const { page } = await suite.stage.open('keys');
    await cached();
    await page.getByLabel('Pattern').first().fill(KEY);
    await page.getByRole('button', { name: 'Inspect' }).click();
    await page.locator('.inspector').getByRole('button', { name: 'Reload' }).click();
    await page.locator('.inspector').getByText('Loaded anew.').waitFor();
    expect(await read()).toBe('hit');
    await page.context().close();
  });
});

describe('the keyboard', () => {
  it('goes over the views by arrows, Home and End, and on into the view by Tab', async () => {
    const { page } = await suite.stage.open('overview');
    await page.getByRole('tab', { name: 'Overview' }).focus();
    const names = await page.getByRole('tab').allTextContents();
    for (const name of [...names.slice(1), names[0]]) {
      await page.keyboard.press('ArrowRight');
      await focusedTab(page, name);
      await page.getByRole('heading', { name: name as string, level: 2, exact: true }).waitFor();
    }
    await page.keyboard.press('End');
    await focusedTab(page, names.at(-1));
    await page.keyboard.press('Home');
    await focusedTab(page, names[0]);
    await page.keyboard.press('ArrowRight');
    await focusedTab(page, names[1]);
    await page.keyboard.press('Tab');
    await page.locator('input[type=search]:focus').waitFor();
    await page.context().close();
  });

  it('reaches every row of a table and opens it', async () => {
    const { page } = await suite.stage.open('templates');
    const rows = page.locator('tbody button.row');
    await rows.first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await textOf(page.locator(':focus'))).toBe(await textOf(rows.nth(1)));
    await page.keyboard.press('Enter');
    await page.locator('tr.below').getByText('Misses by cause').waitFor();
    await shoot(page, 'template');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');
    await page.context().close();
  });
});

describe('while Redis is away', () => {
  it('the page says so, and what it knows of keys', async () => {
    const { page } = await suite.stage.open('overview');
    await suite.stage.redis.stop();
    await page.getByText('Degraded.').waitFor();
    await shoot(page, 'degraded');
    await page.getByRole('tab', { name: 'Keys' }).click();
    await page.getByText('in the memory of this instance').first().waitFor();
    await page.getByRole('tab', { name: 'Spot checks' }).click();
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).waitFor();
    await shoot(page, 'away');
    await page.context().close();
  });
});
