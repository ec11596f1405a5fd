import { THREE_USES } from './applications.js';
import type { Compiler, Project } from './project.js';

const USED = '2 true';
const REQUIRED = 'function a:1';

/** Compiles, starts, uses and ends an application that injects, emits, scrapes, and another that requires from CommonJS. */
export async function useInAllWays(project: Project, compiler: Compiler): Promise<void> {
  project.write(THREE_USES);
  expectSame('tsc', await project.compile(compiler), '');
  expectSame('main.js', await project.start('main.js'), USED);
  expectSame('required.cjs', await project.start('required.cjs'), REQUIRED);
}

/** @throws Error where a program has printed something else */
export function expectSame(what: string, actual: string, expected: string): void {
  if (actual !== expected) throw new Error(`${what} printed\n${actual}\ninstead of\n${expected}`);
}
