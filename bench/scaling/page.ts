import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import MANIFEST from '../../package.json' with { type: 'json' };

const PAGE = fileURLToPath(new URL('../../docs/scaling.md', import.meta.url));
const BEGIN = '<!-- written by npm run scaling -- --write -->';

/** Puts `text` between the marks in docs/scaling.md. */
export async function writeFigures(text: string): Promise<void> {
  const page = readFileSync(PAGE, 'utf8');
  const from = page.indexOf(BEGIN);
  const to = page.indexOf('<!-- end -->', from);
  if (from === -1 || to === -1) throw new Error('docs/scaling.md has lost its marks');
  const whole = `${page.slice(0, from + BEGIN.length)}\n\n${text}\n\n${page.slice(to)}`;
  writeFileSync(PAGE, await format(whole, { ...MANIFEST.prettier, parser: 'markdown' }));
}
