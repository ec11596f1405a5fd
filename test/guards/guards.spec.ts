import { describe, expect, it } from 'vitest';
import MANIFEST from '../../package.json' with { type: 'json' };
import { inSandbox, runScript, sourceFiles, TREE, type Files } from './sandbox.js';

// cspell:ignore recieves occurence

interface Guard {
  script: string;
  /** Its configuration, copied into the sandbox. */
  config: string[];
  clean?: Files;
  /** Makes the tool name every file it looks at, and which those have to be. */
  listing?: { argument: string; files: () => string[] };
  planted: Record<string, { files: Files; says: string }>;
}

const PAGE = 'src/dashboard/page/';
const GREETING = '/** Says it. */\nexport function greet(name: string): string {\n  return `Hello ${name}`;\n}\n';
const CLEAN: Files = { 'src/index.ts': "export { greet } from './greeting.js';\n", 'src/greeting.ts': GREETING };

/** Our package.json with these dependencies only: the sandbox uses none of the real ones. */
function packageWith(dependencies: Files): string {
  const { name, type, main, exports } = MANIFEST;
  const scripts = { unused: MANIFEST.scripts.unused };
  const knip = { project: MANIFEST.knip.project.slice(0, 1) };
  const entry = { '.': exports['.'] };
  return JSON.stringify({
    name,
    type,
    main,
    exports: entry,
    scripts,
    knip,
    dependencies,
    devDependencies: { knip: '*' },
  });
}

const GUARDS: Guard[] = [
  {
    script: 'format',
    config: ['package.json'],
    planted: { 'double quotes': { files: { 'src/a.ts': 'export const a = "a";\n' }, says: 'src/a.ts' } },
  },
  {
    script: 'types',
    config: ['package.json', 'tsconfig.json'],
    listing: { argument: '--listFiles', files: () => sourceFiles().filter((path) => !path.startsWith(PAGE)) },
    planted: {
      'an index without a check': {
        files: { 'src/a.ts': 'export const first = (list: string[]): string => list[0];\n' },
        says: 'src/a.ts(1,',
      },
      'undefined for an optional property': {
        files: { 'src/a.ts': 'export const a: { b?: number } = { b: undefined };\n' },
        says: 'exactOptionalPropertyTypes',
      },
      'an unused parameter': {
        files: { 'src/a.ts': 'export function f(a: number): void {}\n' },
        says: "'a' is declared",
      },
      'a type imported as a value': {
        files: {
          'src/a.ts': 'export interface A { a: 1 }\n',
          'src/b.ts': "import { A } from './a.js';\nexport const b: A = { a: 1 };\n",
        },
        says: 'verbatimModuleSyntax',
      },
    },
  },
  {
    script: 'types:page',
    config: ['package.json', 'tsconfig.json', `${PAGE}tsconfig.json`],
    clean: { [`${PAGE}main.tsx`]: 'export const a = <b>{document.title}</b>;\n' },
    listing: {
      argument: '--listFiles',
      files: () => [...sourceFiles(), ...sourceFiles('.tsx')].filter((path) => path.startsWith(PAGE)),
    },
    planted: {
      'an attribute that no element has': {
        files: { [`${PAGE}a.tsx`]: 'export const a = <input rol="img" disabled="maybe" />;\n' },
        says: 'a.tsx(1,',
      },
    },
  },
  {
    script: 'unused',
    config: ['tsconfig.json'],
    clean: { ...CLEAN, 'package.json': packageWith({}) },
    planted: {
      'a file nobody imports': { files: { 'src/lost.ts': 'export const lost = 1;\n' }, says: 'src/lost.ts' },
      'an export nobody imports': {
        files: { 'src/greeting.ts': `${GREETING}export const lonely = 1;\n` },
        says: 'lonely',
      },
      'a dependency nobody imports': { files: { 'package.json': packageWith({ rxjs: '*' }) }, says: 'rxjs' },
      'a package that is not declared': {
        files: { 'src/greeting.ts': `import 'rxjs';\n${GREETING}` },
        says: 'Unlisted dependencies',
      },
    },
  },
  {
    script: 'spelling',
    config: ['package.json', 'test/guards/cspell.json', 'test/guards/words.txt'],
    planted: {
      'a typo in a comment': { files: { 'src/a.ts': '// Weather it recieves anything.\n' }, says: 'recieves' },
      'a typo in a document': { files: { 'docs/a.md': 'An occurence.\n' }, says: 'occurence' },
    },
  },
  {
    script: 'build',
    config: ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json', PAGE],
    planted: {
      'a wrong type': { files: { 'src/a.ts': "export const a: number = 'a';\n" }, says: 'not assignable' },
      'a file of the page that is not there': {
        files: { [`${PAGE}main.tsx`]: "import './lost.js';\n" },
        says: 'Could not resolve "./lost.js"',
      },
    },
  },
];

describe.each(GUARDS)(
  'npm run $script',
  { timeout: 240_000 },
  ({ script, config, planted, listing, clean = CLEAN }) => {
    // The build writes to dist, which others may be reading: package.spec.ts builds a copy of the tree instead.
    if (script !== 'build') {
      it('passes on the tree', async () => {
        const { code, output } = await runScript(TREE, script, ...(listing ? [listing.argument] : []));
        expect(code, output).toBe(0);
        if (listing) expect(listing.files().filter((path) => !output.includes(path))).toEqual([]);
      });
    }

    it('passes where there is no violation', async () => {
      const { code, output } = await inSandbox(config, clean, (box) => runScript(box.directory, script));
      expect(code, output).toBe(0);
    });

    it.each(Object.entries(planted))('fails on %s', async (_name, { files, says }) => {
      const { code, output } = await inSandbox(config, { ...clean, ...files }, (box) =>
        runScript(box.directory, script),
      );
      expect(code).not.toBe(0);
      expect(output).toContain(says);
    });
  },
);
