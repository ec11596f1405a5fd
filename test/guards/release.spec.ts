import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import LOCK from '../../package-lock.json' with { type: 'json' };
import MANIFEST from '../../package.json' with { type: 'json' };
import { type Files, inSandbox, run, runScript, TREE } from './sandbox.js';

const CHANGE = `---\n'${MANIFEST.name}': minor\n---\n\nReads \`a\`, and says so.\n\nIt did not before.\n`;
const FILES = ['package.json', 'package-lock.json', 'CHANGELOG.md', '.changeset'];

/** What the lock file has for users of the package: neither tools of ours nor peers, which are the application's. */
function production(): string[] {
  return Object.entries(LOCK.packages as Record<string, { version?: string; dev?: true; peer?: true }>).flatMap(
    ([path, { version, dev, peer }]) =>
      path === '' || dev || peer ? [] : [`${path.replace(/^.*node_modules\//, '')}@${version ?? ''}`],
  );
}

describe('npm run sbom', { timeout: 60_000 }, () => {
  it('lists what users get with the package, and nothing else', async () => {
    const { code, stdout, output } = await runScript(TREE, 'sbom');
    expect(code, output).toBe(0);
    const { bomFormat, components } = JSON.parse(stdout) as { bomFormat: string; components: { purl: string }[] };
    expect(bomFormat).toBe('CycloneDX');
    expect(components.map(({ purl }) => purl.replace('pkg:npm/', ''))).toEqual(production());
    expect(production().map((name) => name.replace(/@[^@]*$/, ''))).toEqual(Object.keys(MANIFEST.dependencies));
  });
});

describe('npm run release:version', { timeout: 120_000 }, () => {
  const released = (files: Files): Promise<{ version: string; changelog: string; output: string }> =>
    inSandbox(FILES, files, async (box) => {
      await run(box.directory, 'git', ['init', '--quiet', '--initial-branch', 'main']);
      const { output } = await run(box.directory, 'node_modules/.bin/changeset', ['version']);
      const read = (file: string): string => readFileSync(join(box.directory, file), 'utf8');
      return {
        version: (JSON.parse(read('package.json')) as { version: string }).version,
        changelog: read('CHANGELOG.md'),
        output,
      };
    });

  it('raises the version by what the changes say, and puts their words under it, above what was', async () => {
    const { version, changelog } = await released({ '.changeset/some-change.md': CHANGE });
    const [major, minor] = MANIFEST.version.split('.').map(Number);
    expect(version).toBe(`${major}.${(minor ?? 0) + 1}.0`);
    expect(changelog).toMatch(
      new RegExp(
        `^# Changelog\n\n## ${version}\n\n### Minor Changes\n\n- Reads \`a\`, and says so.\n\n  It did not before.\n\n## ${MANIFEST.version}\n`,
      ),
    );
  });

  it('leaves everything as it is where nothing has changed', async () => {
    const { version, changelog, output } = await released({});
    expect(output).toContain('No unreleased changesets found');
    expect(version).toBe(MANIFEST.version);
    expect(changelog).toBe(readFileSync(join(TREE, 'CHANGELOG.md'), 'utf8'));
  });
});
