/**
 * Makes docs/reference/errors.md: every error code with its cause and remedy, and every message that the provider's
 * source sends with it. The docs stage fails while the page is older than the source.
 *   node --conditions=source tools/error-reference.ts   writes the page
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { oauthErrorStatus } from '../packages/protocol/src/oauth-error.ts'
import { oauthErrorHelp } from '../packages/protocol/src/oauth-error-help.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
export const errorPage = 'docs/reference/errors.md'

/** The messages in the source, by code; what is filled in at run time reads as an ellipsis. */
export function messagesIn(source: string): readonly { code: string; message: string }[] {
  const found: { code: string; message: string }[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'OAuthError') {
      const [code, description] = node.arguments ?? []
      if (code !== undefined && description !== undefined)
        for (const name of texts(code)) for (const message of texts(description)) found.push({ code: name, message })
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest, true))
  return found
}

/** What an expression can be, as far as the text tells. */
function texts(node: ts.Expression): readonly string[] {
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isTemplateExpression(node))
    return [node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join('')]
  if (ts.isConditionalExpression(node)) return [...texts(node.whenTrue), ...texts(node.whenFalse)]
  if (ts.isParenthesizedExpression(node)) return texts(node.expression)
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return texts(node.left).flatMap((left) => texts(node.right).map((right) => left + right))
  return []
}

/** The whole page, as it should stand. */
export function errorReference(): string {
  const byCode = new Map<string, Set<string>>()
  for (const file of sources()) {
    for (const { code, message } of messagesIn(readFileSync(file, 'utf8')))
      byCode.set(code, (byCode.get(code) ?? new Set()).add(message))
  }
  const sections = Object.entries(oauthErrorHelp).map(([code, help]) => {
    const { spec, cause, remedy } = help
    const messages = [...(byCode.get(code) ?? [])].sort()
    return [
      `## \`${code}\``,
      `Status ${oauthErrorStatus[code as keyof typeof oauthErrorStatus]} · ${spec}`,
      `**Cause.** ${cause}`,
      `**Remedy.** ${remedy}`,
      ...(messages.length === 0 ? [] : [messages.map((message) => `- ${plain(message)}`).join('\n')]),
    ].join('\n\n')
  })
  return [`# Errors\n\n${introduction}`, ...sections, ''].join('\n\n').replace(/\n+$/, '\n')
}

const introduction = `Every error that a client's developer can meet, with its cause and what to do about it, and below each the descriptions that
the server sends with it; … stands for what is filled in. To a machine they come as JSON with \`error\`,
\`error_description\` and \`request_id\`; to a client behind a browser as parameters of the redirect; to a person, where no
redirect can be trusted, as a page. What exactly failed stands in the server's log under the same request id.

This page is made from the source by \`tools/error-reference.ts\`.`

function sources(): readonly string[] {
  const folder = join(root, 'packages/provider/src')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
    .map((file) => join(folder, file))
}

function plain(message: string): string {
  return message.replace(/[<>*_[\]\\`|]/g, (character) => `\\${character}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(root, errorPage), errorReference())
  console.log(`${errorPage} is written`)
}
