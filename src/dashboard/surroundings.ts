import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whether the process says that it is in production. */
export function isProduction(): boolean {
  return process.env['NODE_ENV'] === 'production';
}

/** Of the package: its folder is two up from here, in the sources as in what is built of them. */
const ROOT = new URL('../../', import.meta.url);

/** Where the files of the page are, once they are built. */
export const ASSETS = fileURLToPath(new URL('dist/dashboard/assets/', ROOT));

/** The command line of this package, once it is built. */
export const COMMAND_LINE = fileURLToPath(new URL('dist/cli/main.js', ROOT));

/** The version of this package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { readonly version: string };
  return version;
}
