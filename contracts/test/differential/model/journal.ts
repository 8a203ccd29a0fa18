/** Remembers how to take back every change, because a call that fails leaves nothing behind. */
export class Journal {
  readonly #undo: (() => void)[] = []

  record(undo: () => void): void {
    this.#undo.push(undo)
  }

  /** Runs something; if it throws, takes back all that it changed and throws on. */
  attempt<Result>(run: () => Result): Result {
    const mark = this.#undo.length
    try {
      return run()
    } catch (error) {
      while (this.#undo.length > mark) this.#undo.pop()!()
      throw error
    }
  }

  /** Makes everything so far final. */
  commit(): void {
    this.#undo.length = 0
  }
}

/** Values by key, each there from the start with a value of its own kind. */
export class Table<Value> {
  readonly #journal: Journal
  readonly #initial: Value
  readonly #values = new Map<string, Value>()

  constructor(journal: Journal, initial: Value) {
    this.#journal = journal
    this.#initial = initial
  }

  get(key: string): Value {
    return this.#values.get(key) ?? this.#initial
  }

  set(key: string, value: Value): void {
    const before = this.#values.get(key)
    this.#journal.record(() => (before === undefined ? this.#values.delete(key) : this.#values.set(key, before)))
    this.#values.set(key, value)
  }

  /** Changes some fields of a record. */
  change(key: string, fields: Partial<Value>): void {
    this.set(key, { ...this.get(key), ...fields })
  }
}

/** One record that calls change. */
export class Cell<Value> {
  readonly #table: Table<Value>

  constructor(journal: Journal, initial: Value) {
    this.#table = new Table(journal, initial)
  }

  get now(): Value {
    return this.#table.get('')
  }

  change(fields: Partial<Value>): void {
    this.#table.change('', fields)
  }
}
