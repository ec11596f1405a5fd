import ts from 'typescript';

/** What one file shows of its shape. */
export interface FileShape {
  readonly lines: number;
  readonly commentLines: number;
  /** Of each function, method, accessor and constructor with a body, its lines. */
  readonly functions: readonly number[];
  /** Of each of them, its parameters. */
  readonly parameters: readonly number[];
  readonly exported: number;
  readonly documented: number;
  /** How often the type `any` is written. */
  readonly anyTypes: number;
  /** The modules it imports by a relative path; `typeOnly` where nothing of it is there at run time. */
  readonly imports: readonly { readonly path: string; readonly typeOnly: boolean }[];
}

/** Measures the text of one file. */
export function shapeOf(path: string, text: string): FileShape {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = {
    functions: [] as number[],
    parameters: [] as number[],
    anyTypes: 0,
    imports: [] as { path: string; typeOnly: boolean }[],
  };
  const exported = new Map<string, boolean>();
  const look = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      found.functions.push(linesOf(file, node));
      found.parameters.push(node.parameters.length);
    }
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.anyTypes += 1;
    ts.forEachChild(node, look);
  };
  look(file);
  for (const statement of file.statements) {
    const imported = importOf(statement);
    if (imported) found.imports.push(imported);
    if (!isExportedDeclaration(statement)) continue;
    // Of an overloaded function one declaration has the comment.
    const name = nameOf(statement);
    exported.set(name, exported.get(name) === true || ts.getJSDocCommentsAndTags(statement).length > 0);
  }
  const documented = [...exported.values()].filter(Boolean).length;
  const lines = text.trimEnd().split('\n').length;
  return { ...found, lines, commentLines: commentLines(file), exported: exported.size, documented };
}

function linesOf(file: ts.SourceFile, node: ts.Node): number {
  const lineAt = (position: number): number => file.getLineAndCharacterOfPosition(position).line;
  return lineAt(node.getEnd()) - lineAt(node.getStart(file)) + 1;
}

function isExportedDeclaration(node: ts.Statement): boolean {
  const declares =
    ts.isVariableStatement(node) || ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || isOfTypes(node);
  return declares && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

function nameOf(node: ts.Statement): string {
  if (ts.isVariableStatement(node))
    return node.declarationList.declarations.map(({ name }) => name.getText()).join(' ');
  return (node as ts.DeclarationStatement).name?.getText() ?? 'default';
}

function isOfTypes(node: ts.Statement): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.EnumDeclaration {
  return ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isEnumDeclaration(node);
}

function importOf(node: ts.Statement): { path: string; typeOnly: boolean } | undefined {
  if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return undefined;
  const { moduleSpecifier } = node;
  if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier) || !moduleSpecifier.text.startsWith('.'))
    return undefined;
  return { path: moduleSpecifier.text, typeOnly: isTypeOnly(node) };
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return (
    !clause.name && !!bindings && ts.isNamedImports(bindings) && bindings.elements.every((each) => each.isTypeOnly)
  );
}

/** Lines that have a comment, whatever else they have. */
function commentLines(file: ts.SourceFile): number {
  const lines = new Set<number>();
  const take = ({ pos, end }: ts.TextRange): void => {
    const [first, last] = [pos, end].map((at) => file.getLineAndCharacterOfPosition(at).line) as [number, number];
    for (let line = first; line <= last; line += 1) lines.add(line);
  };
  const look = (node: ts.Node): void => {
    for (const range of ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? []) take(range);
    for (const range of ts.getTrailingCommentRanges(file.text, node.getEnd()) ?? []) take(range);
    node.getChildren(file).forEach(look);
  };
  look(file);
  return lines.size;
}
