import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import MANIFEST from '../package.json' with { type: 'json' };

/** Puts `text` between the marks that an npm script has in a page, such as docs/peers.md. */
export async function writePage(page: string, script: string, text: string): Promise<void> {
  const path = fileURLToPath(new URL(`../${page}`, import.meta.url));
  const before = readFileSync(path, 'utf8');
  const begin = `<!-- written by npm run ${script} -- --write -->`;
  const from = before.indexOf(begin);
  const to = before.indexOf('<!-- end -->', from);
  if (from === -1 || to === -1) throw new Error(`${page} has lost the marks of ${script}`);
  const whole = `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`;
  writeFileSync(path, await format(whole, { ...MANIFEST.prettier, parser: 'markdown' }));
}
