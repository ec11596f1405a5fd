/** A head and rows of cells. */
export type Table = readonly (readonly string[])[];

/** With padded columns, which is Markdown as well. */
export function textOf(table: Table): string {
  const widths = table[0]?.map((_, i) => Math.max(3, ...table.map((row) => row[i]?.length ?? 0))) ?? [];
  const lines = table.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}
