import { run, TREE } from '../../guards/sandbox.js';

/** Bundles the page once before all tests: two that did at a time could read what the other has half written. */
export default async function buildPage(): Promise<void> {
  const { code, output } = await run(TREE, 'npm', ['run', '--silent', 'build:page']);
  if (code !== 0) throw new Error(output);
}
