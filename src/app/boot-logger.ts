import { isatty } from 'node:tty';
import { ConsoleLogger } from '@nestjs/common';

/** What Nest says of itself at the start: one line per module and route, among which the lines that matter are lost. */
const CHATTER: ReadonlySet<unknown> = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** The console without the chatter; warnings and errors all pass. */
export class BootLogger extends ConsoleLogger {
  constructor() {
    super({ colors: isatty(process.stdout.fd) });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (!CHATTER.has(rest.at(-1))) super.log(message, ...rest);
  }
}
