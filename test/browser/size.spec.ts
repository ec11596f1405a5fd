import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { inSandbox, runScript } from '../guards/sandbox.js';

const LIMIT = 60_000;
const PAGE = ['package.json', 'tsconfig.json', 'src/dashboard/page'];

it('the page weighs less than 60 kB in all, compressed, and loads nothing from elsewhere', async () => {
  await inSandbox(PAGE, {}, async (box) => {
    const { code, output } = await runScript(box.directory, 'build:page');
    expect(code, output).toBe(0);
    const folder = join(box.directory, 'dist/dashboard/assets');
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    const bytes = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).byteLength, 0);

    expect(readdirSync(folder).sort()).toEqual(['icon.svg', 'index.html', 'licenses.txt', 'main.js', 'style.css']);
    expect(bytes).toBeLessThan(LIMIT);
    const foreign = files.flatMap(
      (file) => file.toString().match(/(?:src|href|url\(|from|import)\s*[=(]?\s*["']https?:[^"']*/g) ?? [],
    );
    expect(foreign).toEqual([]);
  });
});
