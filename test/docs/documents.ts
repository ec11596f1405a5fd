import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TREE } from '../guards/sandbox.js';

/** A Markdown file. */
export interface Document {
  /** From the top of the repository. */
  readonly path: string;
  readonly text: string;
}

// Written by tools, or not ours.
const SKIPPED = /(^|\/)node_modules$|^(dist|coverage|temp|data|\.git|test\/guards\/api)$/;

/** Every Markdown file of the repository that people write. */
export function documents(folder = ''): Document[] {
  return readdirSync(join(TREE, folder), { withFileTypes: true }).flatMap((item) => {
    const path = folder === '' ? item.name : `${folder}/${item.name}`;
    if (SKIPPED.test(path)) return [];
    if (item.isDirectory()) return documents(path);
    return item.isFile() && path.endsWith('.md') ? [{ path, text: readFileSync(join(TREE, path), 'utf8') }] : [];
  });
}

/** The document at `path`. */
export function documentAt(path: string): Document {
  return { path, text: readFileSync(join(TREE, path), 'utf8') };
}

/** A block of code. */
export interface Fence {
  /** What follows the backticks, such as `ts run`. */
  readonly info: string;
  /** The number of the first line of code. */
  readonly line: number;
  readonly lines: readonly string[];
}

const FENCE = /^ {0,3}```(.*)$/;

/** The blocks of code, in order. */
export function fencesOf({ path, text }: Document): Fence[] {
  const fences: Fence[] = [];
  let open: { info: string; line: number; lines: string[] } | undefined;
  for (const [i, line] of text.split('\n').entries()) {
    const info = FENCE.exec(line)?.[1]?.trim();
    if (info === undefined) open?.lines.push(line);
    else if (open) {
      fences.push(open);
      open = undefined;
    } else open = { info, line: i + 2, lines: [] };
  }
  if (open) throw new Error(`${path}:${open.line}: a block of code is not closed`);
  return fences;
}

/** The lines that are not code, with their numbers. */
export function proseOf(document: Document): { readonly line: number; readonly text: string }[] {
  const isCode = new Set<number>();
  for (const { line, lines } of fencesOf(document))
    for (let i = line - 1; i <= line + lines.length; i += 1) isCode.add(i);
  return document.text
    .split('\n')
    .map((text, i) => ({ line: i + 1, text }))
    .filter(({ line }) => !isCode.has(line));
}

/** The rows of the tables below a heading, up to the next heading; cells are trimmed, head rows left out. */
export function tableBelow(document: Document, heading: string): string[][] {
  const prose = proseOf(document).map(({ text }) => text);
  const start = prose.findIndex((text) => text.replace(/^#+ /, '') === heading && text.startsWith('#'));
  if (start === -1) throw new Error(`${document.path} has no heading "${heading}"`);
  const length = prose.slice(start + 1).findIndex((text) => text.startsWith('#'));
  const section = length === -1 ? prose.slice(start + 1) : prose.slice(start + 1, start + 1 + length);
  return section.flatMap((text, i) => {
    const isHead = section[i + 1]?.startsWith('| -') === true || text.startsWith('| -');
    return text.startsWith('|') && !isHead ? [cellsOf(text)] : [];
  });
}

function cellsOf(row: string): string[] {
  return row
    .slice(1, row.lastIndexOf('|'))
    .split('|')
    .map((cell) => cell.trim());
}
