import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import MANIFEST from '../../package.json' with { type: 'json' };

const PAGE = fileURLToPath(new URL('../../docs/peers.md', import.meta.url));
const [BEGIN, END] = ['<!-- written by npm run bench:peers-coherence -- --write -->', '<!-- end -->'];

/** Puts `text` between the marks of docs/peers.md. */
export async function writePage(text: string): Promise<void> {
  const page = readFileSync(PAGE, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from === -1 || to < from) throw new Error('docs/peers.md has lost its marks');
  const whole = `${page.slice(0, from + BEGIN.length)}\n\n${text}\n\n${page.slice(to)}`;
  writeFileSync(PAGE, await format(whole, { ...MANIFEST.prettier, parser: 'markdown' }));
}
