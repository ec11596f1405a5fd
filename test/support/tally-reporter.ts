import { writeSync } from 'node:fs';
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';

/**
 * Ends the output with the plain line `N passed, N failed`.
 *
 * Whatever is not a plain pass counts as a failure: skipped and todo tests, passes after a retry, files that do not load,
 * errors outside of tests, a run without tests. Only a run narrowed by `-t` may skip.
 */
export class TallyReporter implements Reporter {
  #passed = 0;
  #complaints = ['no test was run'];
  #maySkip = false;

  onInit(vitest: Vitest): void {
    this.#maySkip = vitest.config.testNamePattern !== undefined;
    // Written on exit, so that nothing vitest says while it closes can come after it.
    process.once('exit', () => {
      this.#conclude();
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    this.#passed = tests.filter(isPlainPass).length;
    this.#complaints = [
      ...tests.filter((test) => !isPlainPass(test) && !(this.#maySkip && isSkipped(test))).map(describeTest),
      ...modules.flatMap((module) => [module, ...module.children.allSuites()]).flatMap(describeErrors),
      ...unhandledErrors.map((error) => `unhandled error: ${messageOf(error)}`),
    ];
    if (tests.length === 0 && this.#complaints.length === 0) this.#complaints.push('no test was run');
  }

  #conclude(): void {
    const failed = this.#complaints.length;
    if (failed > 0) process.exitCode ||= 1;
    const list = this.#complaints.map((complaint) => `  not passed: ${complaint}\n`).join('');
    writeSync(1, `${list}${String(this.#passed)} passed, ${String(failed)} failed\n`);
  }
}

function isPlainPass(test: TestCase): boolean {
  return test.result().state === 'passed' && test.diagnostic()?.flaky !== true;
}

function isSkipped(test: TestCase): boolean {
  return test.result().state === 'skipped';
}

function describeTest(test: TestCase): string {
  const state = test.result().state === 'passed' ? 'passed only after a retry' : test.result().state;
  return `${test.module.relativeModuleId} > ${test.fullName} (${state})`;
}

/** What went wrong outside of the tests: a file that does not load, a hook. */
function describeErrors(holder: TestModule | TestSuite): string[] {
  const place =
    holder.type === 'module' ? holder.relativeModuleId : `${holder.module.relativeModuleId} > ${holder.fullName}`;
  return holder.errors().map((error) => `${place}: ${error.message}`);
}

function messageOf(error: unknown): string {
  return error instanceof Object && 'message' in error ? String(error.message) : String(error);
}
