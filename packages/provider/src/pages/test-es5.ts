import ts from 'typescript'

type Kind = keyof typeof ts.SyntaxKind

/** Every construct of ECMAScript 5; what stands not here came later. @spec ECMA-262 5.1 §A */
const kinds: ReadonlySet<ts.SyntaxKind> = new Set(
  (
    [
      ...['SourceFile', 'EndOfFileToken', 'Identifier', 'Block', 'EmptyStatement', 'ExpressionStatement'],
      ...['VariableStatement', 'VariableDeclarationList', 'VariableDeclaration', 'FunctionDeclaration'],
      ...['FunctionExpression', 'Parameter', 'IfStatement', 'DoStatement', 'WhileStatement', 'ForStatement'],
      ...['ForInStatement', 'ContinueStatement', 'BreakStatement', 'ReturnStatement', 'WithStatement'],
      ...['SwitchStatement', 'CaseBlock', 'CaseClause', 'DefaultClause', 'LabeledStatement', 'ThrowStatement'],
      ...['TryStatement', 'CatchClause', 'DebuggerStatement', 'ArrayLiteralExpression', 'OmittedExpression'],
      ...['ObjectLiteralExpression', 'PropertyAssignment', 'GetAccessor', 'SetAccessor', 'PropertyAccessExpression'],
      ...['ElementAccessExpression', 'CallExpression', 'NewExpression', 'ParenthesizedExpression'],
      ...['DeleteExpression', 'TypeOfExpression', 'VoidExpression', 'PrefixUnaryExpression'],
      ...['PostfixUnaryExpression', 'BinaryExpression', 'ConditionalExpression', 'QuestionToken', 'ColonToken'],
      ...['NumericLiteral', 'StringLiteral', 'RegularExpressionLiteral', 'TrueKeyword', 'FalseKeyword'],
      ...['NullKeyword', 'ThisKeyword'],
    ] as Kind[]
  ).map((kind) => ts.SyntaxKind[kind]),
)

const laterOperators: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AsteriskAsteriskToken,
  ts.SyntaxKind.AsteriskAsteriskEqualsToken,
  ts.SyntaxKind.QuestionQuestionToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
])

/** Parses a script, and lists what no engine of ECMAScript 5 can read, each with its line. */
export function laterThanEs5(script: string): readonly string[] {
  const source = ts.createSourceFile('script.js', script, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS)
  const { diagnostics = [] } = ts.transpileModule(script, { reportDiagnostics: true, fileName: 'script.js' })
  const found = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
  const visit = (node: ts.Node): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart())
    if (isLater(node)) found.push(`line ${line + 1}: ${node.getText().slice(0, 40)}`)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function isLater(node: ts.Node): boolean {
  if (ts.isBinaryExpression(node)) return laterOperators.has(node.operatorToken.kind)
  if (ts.isVariableDeclarationList(node)) return (node.flags & ts.NodeFlags.BlockScoped) !== 0
  if (ts.isParameter(node)) return node.initializer !== undefined || node.dotDotDotToken !== undefined
  if (ts.isCatchClause(node)) return node.variableDeclaration === undefined
  if (ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node)) return node.asteriskToken !== undefined
  if (ts.isRegularExpressionLiteral(node)) return /\/[a-z]*[^gim/][a-z]*$|\(\?<|\\[pk]\{?/.test(node.text)
  if (ts.isNumericLiteral(node)) return /^0[bo]|_|n$/i.test(node.getText())
  if (isOperator(node.kind)) return false
  return !kinds.has(node.kind)
}

/** Operators are judged with the expression that they stand in. */
function isOperator(kind: ts.SyntaxKind): boolean {
  return (
    (kind >= ts.SyntaxKind.FirstBinaryOperator && kind <= ts.SyntaxKind.LastBinaryOperator) ||
    kind === ts.SyntaxKind.CommaToken ||
    kind === ts.SyntaxKind.InKeyword ||
    kind === ts.SyntaxKind.InstanceOfKeyword
  )
}
