import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import MANIFEST from '../../package.json' with { type: 'json' };
import { TREE } from '../guards/sandbox.js';
import { type Document, fencesOf, proseOf } from './documents.js';

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const CODE = /`([^`]+)`/g;
const NPM_RUN = /\bnpm run (?:--\S+ )*([\w:-]+)/g;
/** Code that names a file or folder of the repository, from its top. */
const FILE = /^(?:(?:src|docs|test|docker|bench|\.ci)(?:\/[\w.-]+)*\/?|[\w.-]+\.(?:md|json)|\.env\.example)$/;

/** What a document refers to and what is not there: links, anchors, files, npm scripts. */
export function brokenReferences(document: Document, all: readonly Document[]): string[] {
  const prose = proseOf(document).flatMap(({ line, text }) => [
    ...captures(LINK, text).map((target) => ({ line, fault: linkFault(document, target, all) })),
    ...captures(CODE, text).map((code) => ({ line, fault: fileFault(code) })),
    ...captures(NPM_RUN, text).map((script) => ({ line, fault: scriptFault(script) })),
  ]);
  const code = fencesOf(document).flatMap(({ line, lines }) =>
    lines.flatMap((text, i) =>
      captures(NPM_RUN, text).map((script) => ({ line: line + i, fault: scriptFault(script) })),
    ),
  );
  return [...prose, ...code].flatMap(({ line, fault }) =>
    fault === undefined ? [] : [`${document.path}:${line}: ${fault}`],
  );
}

function captures(form: RegExp, text: string): string[] {
  return [...text.matchAll(form)].map((match) => match[1] as string);
}

function linkFault({ path }: Document, target: string, all: readonly Document[]): string | undefined {
  if (/^[a-z]+:/.test(target)) return target.startsWith('https://') ? undefined : `${target} is not https`;
  const [file = '', anchor] = target.split('#', 2);
  const to = file === '' ? path : posix.join(dirname(path), file);
  const known = all.find((document) => document.path === to);
  if (!known && !existsSync(join(TREE, to))) return `${target} does not exist`;
  if (anchor === undefined) return undefined;
  return known && anchorsOf(known).includes(anchor) ? undefined : `${target} has no such heading`;
}

/** The anchors that GitHub gives to headings. */
function anchorsOf(document: Document): string[] {
  return proseOf(document).flatMap(({ text }) => {
    const heading = /^#+ (.*)$/.exec(text)?.[1];
    return heading === undefined
      ? []
      : [
          heading
            .toLowerCase()
            .replace(/[^\w\- ]/g, '')
            .replaceAll(' ', '-'),
        ];
  });
}

function fileFault(code: string): string | undefined {
  return FILE.test(code) && !existsSync(join(TREE, code)) ? `\`${code}\` does not exist` : undefined;
}

function scriptFault(script: string): string | undefined {
  return script in MANIFEST.scripts ? undefined : `npm run ${script} does not exist`;
}
