import { postgresSteps } from '../postgres/migrate.ts'
import { once } from './postgres-cluster.ts'

/** Makes the schema as an earlier version made it. */
export async function takeSteps(url: string, names: readonly string[]): Promise<void> {
  const steps = postgresSteps().filter(({ name }) => names.includes(name))
  if (steps.length !== names.length) throw new Error(`there are no steps ${names.join(', ')} any more`)
  const table = 'create table latchkey_migrations (name text primary key)'
  const rows = names.map((name) => `insert into latchkey_migrations values ('${name}')`)
  await once(url, [table, ...steps.flatMap(({ statements }) => statements), ...rows].join(';\n'))
}
