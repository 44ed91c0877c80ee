import { readFileSync } from 'node:fs'
import ts from 'typescript'

export interface ImportSite {
  readonly specifier: string
  readonly typeOnly: boolean
  readonly line: number
}

export interface NamedSite {
  readonly name: string
  readonly line: number
}

/** What the rules need to know of one file. */
export interface SourceFile {
  readonly path: string
  readonly lines: number
  readonly imports: readonly ImportSite[]
  readonly anys: readonly number[]
  /** Calls and constructions by their written name, such as `Date.now` or `new Date`. */
  readonly calls: readonly NamedSite[]
  /** Free identifiers that stand as values. */
  readonly globals: readonly NamedSite[]
}

export function readSourceFile(root: string, path: string): SourceFile {
  const text = readFileSync(`${root}/${path}`, 'utf8')
  const file = ts.createSourceFile(
    path,
    text,
    ts.ScriptTarget.Latest,
    true,
    path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  )
  const imports: ImportSite[] = []
  const anys: number[] = []
  const calls: NamedSite[] = []
  const globals: NamedSite[] = []
  const lineOf = (node: ts.Node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const module = node.moduleSpecifier
      if (module !== undefined && ts.isStringLiteral(module)) {
        imports.push({ specifier: module.text, typeOnly: isTypeOnly(node), line: lineOf(node) })
      }
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [module] = node.arguments
      if (module !== undefined && ts.isStringLiteral(module)) {
        imports.push({ specifier: module.text, typeOnly: false, line: lineOf(node) })
      }
    } else if (ts.isCallExpression(node)) {
      calls.push({ name: node.expression.getText(file).replaceAll('?.', '.'), line: lineOf(node) })
    } else if (
      ts.isNewExpression(node) &&
      node.expression.getText(file) === 'Date' &&
      (node.arguments?.length ?? 0) === 0
    ) {
      calls.push({ name: 'new Date', line: lineOf(node) })
    } else if (node.kind === ts.SyntaxKind.AnyKeyword) {
      anys.push(lineOf(node))
    } else if (ts.isIdentifier(node) && isFreeValue(node)) {
      globals.push({ name: node.text, line: lineOf(node) })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return { path, lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0), imports, anys, calls, globals }
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) {
    if (node.isTypeOnly) return true
    const clause = node.exportClause
    return clause !== undefined && ts.isNamedExports(clause) && clause.elements.every((element) => element.isTypeOnly)
  }
  const clause = node.importClause
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = clause.namedBindings
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly)
  )
}

/** An identifier that is read as a value of its own: no property name, no declaration, no type. */
function isFreeValue(node: ts.Identifier): boolean {
  const parent = node.parent
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) return true
  return ts.isTypeOfExpression(parent) || ts.isBinaryExpression(parent) || ts.isElementAccessExpression(parent)
}
