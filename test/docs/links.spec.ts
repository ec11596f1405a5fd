import { describe, expect, it } from 'vitest';
import { type Document, documents, proseOf } from './documents.js';
import { brokenReferences } from './links.js';

const ALL = documents();
const PAGES = ALL.filter(({ path }) => path.startsWith('docs/'));

describe('the documents', () => {
  it('are all looked at', () => {
    const paths = ALL.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['README.md', 'CHANGELOG.md', 'src/README.md', 'docs/keys.md', 'docs/failure.md']),
    );
    expect(paths.filter((path) => path.includes('node_modules'))).toEqual([]);
  });

  it.each(ALL.map((document) => [document.path, document] as const))(
    '%s refers to what is there',
    (_path, document) => {
      expect(brokenReferences(document, ALL)).toEqual([]);
    },
  );

  it.each(PAGES.map((document) => [document.path, document] as const))(
    '%s begins with a summary of two lines',
    (_path, document) => {
      expect(summaryOf(document)).toHaveLength(2);
    },
  );

  it.each(PAGES.map(({ path }) => path))('another one leads to %s', (path) => {
    const name = path.replace('docs/', '');
    const leads = ALL.filter(({ text }) => text.includes(`](${path})`) || text.includes(`](${name})`));
    expect(leads.filter((document) => document.path !== path)).not.toEqual([]);
  });
});

describe('the README', () => {
  const README = ALL.find(({ path }) => path === 'README.md') as Document;
  const list = README.text.slice(README.text.indexOf('## Read on'));
  const listed = [...list.matchAll(/^- \[[^\]]*\]\((?:docs\/)?([^)]*?)(?:\.md)?\)/gm)].map(([, name]) => name);

  it('leads through the pages in the order in which a newcomer meets things', () => {
    const order = ['start', 'keys', 'reading', 'invalidating', 'methods', 'consistency', 'failure', '#metrics']
      .concat(['topologies', 'named-caches', 'warming', 'http', 'testing', 'migration', 'runbook', 'cli', 'doctor'])
      .concat(['scaling', 'time-series', 'choices-that-look-like-bugs']);
    expect(listed.slice(0, order.length)).toEqual(order);
  });

  it('leads to every page, to each once', () => {
    const pages = PAGES.map(({ path }) => path.slice('docs/'.length, -'.md'.length));
    expect(listed.filter((name) => pages.includes(name as string)).toSorted()).toEqual(pages.toSorted());
  });
});

/** The lines of the first paragraph. */
function summaryOf(document: Document): string[] {
  const [title, blank, ...rest] = proseOf(document).map(({ text }) => text);
  if (title?.startsWith('# ') !== true || blank !== '') return [];
  return rest.slice(0, rest.indexOf(''));
}

describe('a planted reference', () => {
  const faults = (...lines: string[]): string[] => {
    const planted = { path: 'docs/planted.md', text: ['# Planted', '', ...lines].join('\n') };
    return brokenReferences(planted, [...ALL, planted]);
  };

  it.each([
    ['[to a file](nowhere.md)', 'docs/planted.md:3: nowhere.md does not exist'],
    ['[to a heading](keys.md#no-such-thing)', 'docs/planted.md:3: keys.md#no-such-thing has no such heading'],
    ['[to a heading here](#elsewhere)', 'docs/planted.md:3: #elsewhere has no such heading'],
    ['[by http](http://example.org/)', 'docs/planted.md:3: http://example.org/ is not https'],
    ['see `src/engine/lost.ts`', 'docs/planted.md:3: `src/engine/lost.ts` does not exist'],
    ['run `npm run no-such-script`', 'docs/planted.md:3: npm run no-such-script does not exist'],
  ])('%s is seen', (line, fault) => {
    expect(faults(line)).toEqual([fault]);
  });

  it('in a block of code is looked at for scripts only', () => {
    expect(faults('```bash', 'npm run no-such-script -- `src/lost.ts`', '```')).toEqual([
      'docs/planted.md:4: npm run no-such-script does not exist',
    ]);
  });

  it('that is right is not', () => {
    expect(faults('[a](keys.md#raw-keys) [b](../README.md) [c](#planted) `src/index.ts` `npm run build`')).toEqual([]);
  });
});
