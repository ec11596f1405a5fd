import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TREE } from '../guards/sandbox.js';

const DOCKERFILE = readFileSync(join(TREE, 'docker/Dockerfile'), 'utf8');
const IGNORED = readFileSync(join(TREE, 'docker/Dockerfile.dockerignore'), 'utf8').split('\n');

/** The arguments of every line with this instruction. */
function instructions(name: string): string[] {
  return DOCKERFILE.split('\n').flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
}

describe('docker/Dockerfile', () => {
  it('builds in one stage and runs in another, on one pinned version of Node', () => {
    const images = instructions('FROM').map((line) => line.split(' ')[0]);
    expect(images).toHaveLength(2);
    expect(new Set(images).size).toBe(1);
    expect(images[0]).toMatch(/^node:20\.\d+\.\d+-bookworm-slim$/);
  });

  it('does not run as root', () => {
    expect(instructions('USER')).toEqual(['node']);
  });

  it('runs the compiled backend itself, so that it receives the signals', () => {
    expect(instructions('CMD')).toEqual(['["node", "dist/main.js"]']);
  });

  it('copies what exists and what the context lets through', () => {
    const sources = instructions('COPY')
      .filter((line) => !line.startsWith('--from'))
      .flatMap((line) => line.split(' ').slice(0, -1));
    expect(sources.filter((path) => !existsSync(join(TREE, path)))).toEqual([]);
    expect(IGNORED[0]).toBe('*');
    expect(IGNORED).toEqual(expect.arrayContaining(sources.map((path) => `!${path}`)));
  });
});
