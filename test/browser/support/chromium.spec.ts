import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, requireChromium } from './chromium.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chromium-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function program(name: string): string {
  const file = join(folder, name);
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

describe('the search for a browser', () => {
  it('takes the one that is named, and no other', () => {
    program('chromium');
    const named = program('another');
    expect(findChromium({ TEST_CHROMIUM: named, PATH: folder })).toBe(named);
    expect(() => findChromium({ TEST_CHROMIUM: '/no/such/browser', PATH: folder })).toThrow('/no/such/browser');
  });

  it('takes chrome where there is no chromium', () => {
    const chrome = program('google-chrome');
    expect(findChromium({ PATH: `/no/such/folder:${folder}` })).toBe(chrome);
  });

  it('says how to get one where there is none', () => {
    expect(() => requireChromium({ PATH: folder })).toThrow('apt-get install --yes --no-install-recommends chromium');
  });
});
