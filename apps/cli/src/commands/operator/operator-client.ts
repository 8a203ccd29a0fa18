import { MillraceError } from '@millrace/base'
import { decodeGoJson } from '@millrace/wire'

/** Transactions are waited for by the node, for minutes where the chain is slow. */
const TIMEOUT_MS = 15 * 60_000

export type OperatorForm = Readonly<Record<string, string | bigint | number | undefined>>

/** The operator's port of one node, as commands ask it. */
export class OperatorClient {
  readonly #url: string

  constructor(options: { readonly host: string; readonly port: number }) {
    this.#url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${options.port}`
  }

  /** The answer as text; throws `operator_unreachable`, or `operator_refused` with what the node said. */
  async text(path: string, form: OperatorForm = {}, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    return Buffer.from(await this.bytes(path, form, headers)).toString('utf8')
  }

  async bytes(
    path: string,
    form: OperatorForm = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Uint8Array> {
    const { bytes, status } = await this.#ask(path, form, headers)
    if (status >= 200 && status < 300) return bytes
    const said = Buffer.from(bytes).toString('utf8').trim().slice(0, 1_000)
    throw new MillraceError('operator_refused', `the node refused ${path}: ${said || status}`, { meta: { status } })
  }

  async #ask(
    path: string,
    form: OperatorForm,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly bytes: Uint8Array; readonly status: number }> {
    const body = new URLSearchParams()
    for (const [name, value] of Object.entries(form)) if (value !== undefined) body.set(name, String(value))
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS)
      const response = await fetch(new URL(path, this.#url), { method: 'POST', body, headers, signal })
      return { bytes: new Uint8Array(await response.arrayBuffer()), status: response.status }
    } catch (cause) {
      const how = 'start it, or name its port with --http and its host with --host'
      throw new MillraceError('operator_unreachable', `no node answers at ${this.#url}: ${how}`, { cause })
    }
  }

  /** The answer as JSON; whole numbers that are too large for a number are bigints. */
  async json<T>(path: string, form: OperatorForm = {}): Promise<T> {
    return decodeGoJson(await this.text(path, form)) as T
  }

  /** What the node says of its own health; a red answer is an answer too. */
  async health<T>(): Promise<T> {
    const { bytes } = await this.#ask('/readyz', {}, {})
    return decodeGoJson(Buffer.from(bytes).toString('utf8')) as T
  }

  /** A number of the answer's text. */
  async integer(path: string): Promise<bigint> {
    return BigInt((await this.text(path)).trim())
  }
}
