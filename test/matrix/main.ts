/* npm run test:matrix -- [--row NAME]… [--list]: the suites over versions of the server, Node, ioredis and Nest; a row for each. */
import { parseArgs } from 'node:util';
import { rowsNamed } from './rows.js';
import { type Result, runRow } from './run-row.js';

const { values } = parseArgs({
  options: { row: { type: 'string', multiple: true, default: [] }, list: { type: 'boolean', default: false } },
});
const rows = rowsNamed(values.row);

if (values.list) {
  for (const { name } of rows) console.log(name);
} else {
  console.log('| row | server | Node | ioredis | Nest | passed | failed | seconds |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  const results: Result[] = [];
  for (const row of rows) {
    const result = await runRow(row);
    results.push(result);
    console.log(line(result));
  }
  for (const { name, complaints } of results) for (const text of complaints) console.log(`${name}: ${text}`);
  if (results.some(({ failed }) => failed > 0)) process.exitCode = 1;
}

function line({ name, seen, passed, failed, seconds }: Result): string {
  const { server, node, ioredis, nest } = seen;
  return `| ${[name, server, node, ioredis, nest, passed, failed, seconds.toFixed(0)].join(' | ')} |`;
}
