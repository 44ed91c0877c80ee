import type { DatabaseSync } from 'node:sqlite'

interface Question {
  readonly query: () => unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

/**
 * Reads that are asked for in one turn of the event loop are answered at its end, from one snapshot that is taken then:
 * each sees everything that was committed before it was asked. A snapshot of its own takes a read four system calls.
 */
export interface GroupRead {
  read<T>(query: () => T): Promise<T>
  /** Answers what waits. */
  close(): void
}

export function createGroupRead(database: DatabaseSync, explain: (error: unknown) => unknown): GroupRead {
  const begin = database.prepare('begin')
  const commit = database.prepare('commit')
  let waiting: Question[] = []

  function answer({ query, resolve, reject }: Question): void {
    try {
      resolve(query() as never)
    } catch (error) {
      reject(explain(error))
    }
  }
  function answerAll(): void {
    const questions = waiting
    waiting = []
    const isShared = questions.length > 1 && database.isOpen && !database.isTransaction
    if (isShared) begin.run()
    for (const question of questions) answer(question)
    // An I/O error ends the transaction by itself.
    if (isShared && database.isTransaction) commit.run()
  }
  return {
    read: (query) =>
      new Promise((resolve, reject) => {
        if (waiting.push({ query, resolve, reject }) === 1) setImmediate(answerAll)
      }),
    close: answerAll,
  }
}
