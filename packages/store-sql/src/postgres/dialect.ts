import {
  type ColumnDefinitionNode,
  type CreateTableNode,
  type DataTypeNode,
  DummyDriver,
  Kysely,
  type KyselyPlugin,
  OperationNodeTransformer,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely'
import type { Member } from '../migrations/index.ts'
import type { Schema } from '../schema.ts'

/** Writes the shared schema's statements in PostgreSQL's words: instants as bigint, text ordered by its bytes. */
class PostgresWords extends OperationNodeTransformer {
  protected override transformDataType(node: DataTypeNode): DataTypeNode {
    if (node.dataType === 'integer') return { ...node, dataType: 'bigint' }
    if (node.dataType === 'text') return sql`text collate "C"`.toOperationNode() as unknown as DataTypeNode
    return node
  }
  protected override transformCreateTable(node: CreateTableNode): CreateTableNode {
    const { endModifiers: _, ...table } = super.transformCreateTable(node)
    return table
  }
  protected override transformColumnDefinition(node: ColumnDefinitionNode): ColumnDefinitionNode {
    const { autoIncrement, ...column } = super.transformColumnDefinition(node)
    return autoIncrement === true ? { ...column, dataType: sql`bigserial`.toOperationNode() } : column
  }
}

const words = new PostgresWords()
const plugin: KyselyPlugin = {
  transformQuery: ({ node }) => words.transformNode(node),
  transformResult: async ({ result }) => result,
}

/** Kysely writes the statements, `pg` runs them. */
export const postgresWriter = new Kysely<Schema>({
  plugins: [plugin],
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

export const postgresMember: Member = (column, name) => sql`(${sql.ref(column)}::json ->> ${sql.lit(name)})`
