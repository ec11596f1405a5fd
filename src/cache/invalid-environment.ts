import { CacheError } from '../primitives/errors.js';

/** Variables that break their rules; the message lists each with the rule and the value received, secrets masked. */
export class InvalidEnvironmentError extends CacheError {
  constructor(problems: readonly string[]) {
    super(
      'INVALID_ENVIRONMENT',
      'usage',
      `The environment is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
}
