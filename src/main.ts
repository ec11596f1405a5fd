import 'reflect-metadata';
import { start } from './app/bootstrap.js';
import { explain } from './app/config/start-failure.js';

try {
  await start();
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}
