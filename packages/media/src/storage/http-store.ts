import { concatBytes, errorText, hasCode, MillraceError, withRetry, withTimeout } from '@millrace/base'

const TIMEOUT_MS = 10_000
const ATTEMPTS = 3
const MAX_OBJECT_BYTES = 300_000_000

export type StoreRequest = {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | FormData
  readonly signal?: AbortSignal | undefined
}

export type StoreAnswer = { readonly status: number; readonly body: Uint8Array }

/** How often and how long a store is asked; the defaults are go-livepeer's (wire spec 6.5). */
export type StorePatience = { readonly timeoutMs?: number; readonly attempts?: number }

/**
 * Asks a store that the operator named; the request is made anew for each of three attempts, because it is signed with its time.
 * Answers below 500 are returned as they are. Throws `store_unreachable` or `body_too_large`; messages name the host only.
 */
export async function askStore(make: () => StoreRequest, patience: StorePatience = {}): Promise<StoreAnswer> {
  const { timeoutMs = TIMEOUT_MS, attempts = ATTEMPTS } = patience
  const { signal } = make()
  return withRetry(
    async () => {
      const { url, signal: _, ...init } = make()
      try {
        return await withTimeout(
          async (call) => {
            const response = await fetch(url, { ...(init as RequestInit), redirect: 'manual', signal: call.signal })
            const body = await readLimited(response)
            if (response.status < 500 && response.status !== 429) return { status: response.status, body }
            throw new Error(`it answered ${response.status}`)
          },
          { timeoutMs, what: 'its answer', signal },
        )
      } catch (cause) {
        signal?.throwIfAborted()
        if (hasCode(cause, 'body_too_large')) throw cause
        const { host } = new URL(url)
        throw new MillraceError('store_unreachable', `the object store at ${host} failed: ${reasonOf(cause)}`, {
          cause,
          retryable: true,
        })
      }
    },
    { attempts, baseMs: 200, signal },
  )
}

/** fetch hides what happened in the cause of its error. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause ? errorText(error.cause) : errorText(error)

async function readLimited(response: Response): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array(0)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > MAX_OBJECT_BYTES)
      throw new MillraceError('body_too_large', `an object is larger than ${MAX_OBJECT_BYTES} bytes`)
    chunks.push(chunk)
  }
  return concatBytes(...chunks)
}
