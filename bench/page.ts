import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import MANIFEST from '../package.json' with { type: 'json' };

const PAGE = fileURLToPath(new URL('../docs/peers.md', import.meta.url));

/** Puts `text` between the marks that an npm script has in docs/peers.md. */
export async function writePage(script: string, text: string): Promise<void> {
  const page = readFileSync(PAGE, 'utf8');
  const begin = `<!-- written by npm run ${script} -- --write -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf('<!-- end -->', from);
  if (from === -1 || to === -1) throw new Error(`docs/peers.md has lost the marks of ${script}`);
  const whole = `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
  writeFileSync(PAGE, await format(whole, { ...MANIFEST.prettier, parser: 'markdown' }));
}
