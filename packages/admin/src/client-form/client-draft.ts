import { type ClientMetadata, clientMetadataFields, type Form, readClientMetadata } from '@latchkey/protocol'
import { type ClientDraft, type FormField, formFields, newClientDefaults } from './fields.ts'

type Metadata = Omit<ClientMetadata, 'client_secret'>
type Value = ClientDraft[FormField]

/** The draft of a client that does not exist yet. */
export function emptyDraft(): ClientDraft {
  return draftFrom((field) => newClientDefaults[field] ?? clientMetadataFields[field].default)
}

export function draftOf(metadata: Metadata): ClientDraft {
  return draftFrom((field) => metadata[field])
}

/** What the form holds, as it was typed. */
export function readDraft(form: Form): ClientDraft {
  return draftFrom((field) => {
    const { kind } = clientMetadataFields[field]
    if (kind === 'boolean') return form.get(field) === 'on'
    if (kind !== 'list') return form.get(field)
    const prefix = `${field}:`
    return form.names().flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
  })
}

/** The draft as form fields again: `readDraft` reads the same from them. */
export function draftFields(draft: ClientDraft): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {}
  for (const field of formFields) {
    const value = draft[field]
    if (typeof value === 'string') fields[field] = value
    else if (typeof value === 'boolean') Object.assign(fields, value ? { [field]: 'on' } : {})
    else for (const option of value) fields[`${field}:${option}`] = 'on'
  }
  return fields
}

/** The problems of a form, by field; those of none stand under the empty name. */
export type FieldProblems = ReadonlyMap<string, readonly string[]>

/** The client that a draft describes, or what is wrong with it. What the form does not show stays as it is. */
export function checkDraft(
  draft: ClientDraft,
  before: Partial<Metadata> & Pick<Metadata, 'client_id'>,
): { client: ClientMetadata } | { problems: FieldProblems } {
  const read = readClientMetadata({ ...unshown(before), ...metadataFrom(draft) })
  const problems = 'problems' in read ? [...read.problems] : []
  const { client_name: name, response_types: responseTypes, grant_types: grantTypes } = draft
  if (name === '') problems.push('client_name is missing: people see it when they sign in')
  if (includes(responseTypes, 'code') && !includes(grantTypes, 'authorization_code')) {
    problems.push('response_types has "code", which needs the grant type authorization_code')
  }
  if (includes(grantTypes, 'authorization_code') && !includes(responseTypes, 'code')) {
    problems.push('response_types must have "code" for the authorization_code grant')
  }
  if ('client' in read && problems.length === 0) return { client: read.client }
  return { problems: byField(problems) }
}

function draftFrom(read: (field: FormField) => unknown): ClientDraft {
  return Object.fromEntries(formFields.map((field) => [field, draftValue(field, read(field))])) as Record<
    FormField,
    Value
  >
}

function draftValue(field: FormField, value: unknown): Value {
  const { kind } = clientMetadataFields[field]
  if (kind === 'boolean') return value === true
  if (kind === 'list') return Array.isArray(value) ? value.map(String) : []
  if (Array.isArray(value)) return value.join('\n')
  if (kind === 'jwks' && typeof value === 'object') return JSON.stringify(value, null, 2)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function unshown(metadata: Partial<Metadata>): Partial<Metadata> {
  return Object.fromEntries(
    Object.entries(metadata).filter(([name]) => !(formFields as readonly string[]).includes(name)),
  )
}

function metadataFrom(draft: ClientDraft): Readonly<Record<string, unknown>> {
  const isPublic = draft.token_endpoint_auth_method === 'none'
  const members: Record<string, unknown> = {}
  for (const field of formFields) {
    const value = draft[field]
    const { kind } = clientMetadataFields[field]
    if (kind === 'redirects' || kind === 'lines') members[field] = lines(String(value))
    else if (kind === 'scope')
      members[field] = String(value)
        .split(/\s+/)
        .filter((part) => part !== '')
        .join(' ')
    else if (kind === 'jwks') members[field] = parsed(String(value).trim())
    else if (kind === 'seconds' && /^\d{1,10}$/.test(String(value).trim())) members[field] = Number(value)
    else if (typeof value === 'string') members[field] = value.trim()
    else members[field] = value
    if (members[field] === '') delete members[field]
  }
  return isPublic ? { ...members, require_pkce: true } : members
}

/** JSON where it is some; anything else stays text, and is told as a problem of its field. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function lines(text: string): readonly string[] {
  return [...new Set(text.split(/[\r\n]+/).map((line) => line.trim()))].filter((line) => line !== '')
}

function includes(list: Value, item: string): boolean {
  return Array.isArray(list) && list.includes(item)
}

/** Each problem begins with the name of its field. */
function byField(problems: readonly string[]): FieldProblems {
  const found = new Map<string, string[]>()
  for (const problem of problems) {
    const space = problem.indexOf(' ')
    const name = problem.slice(0, space)
    const known = (formFields as readonly string[]).includes(name)
    const key = known ? name : ''
    found.set(key, [...(found.get(key) ?? []), known ? problem.slice(space + 1) : problem])
  }
  return found
}
