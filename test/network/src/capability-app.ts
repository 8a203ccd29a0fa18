import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { Agent, request as secureRequest } from 'node:https'
import type { AddressInfo } from 'node:net'

export async function bodyOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** An app that knows nothing of Livepeer, whose answers a test may change. */
export class TestApp {
  readonly seen: IncomingMessage[] = []
  handle: RequestListener
  readonly server: Server

  constructor(handle: RequestListener) {
    this.handle = handle
    this.server = createServer((request, response) => {
      if (request.url?.endsWith('/health')) return void response.end('fine')
      this.seen.push(request)
      this.handle(request, response)
    })
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
}

export type CurlCommand = {
  readonly url: URL
  readonly method: string
  readonly headers: Record<string, string>
  readonly body: string | undefined
}

/** The curl commands of a page of the documentation, as what they ask. */
export async function curlCommands(page: string): Promise<readonly CurlCommand[]> {
  const text = await readFile(new URL(`../../../docs/${page}`, import.meta.url), 'utf8')
  return [...text.matchAll(/```sh\ncurl ([^`]+)```/g)].map(([, command]) => {
    const words = [...(command as string).matchAll(/'([^']*)'|(\S+)/g)].map(
      ([, quoted, plain]) => quoted ?? plain ?? '',
    )
    const after = (flag: string) => words.flatMap((word, i) => (words[i - 1] === flag ? [word] : []))
    const [body] = after('-d')
    return {
      url: new URL(words.find((word) => word.startsWith('http')) as string),
      method: after('-X')[0] ?? (body === undefined ? 'GET' : 'POST'),
      headers: Object.fromEntries(
        after('-H').map((header) => [header.split(':')[0]?.toLowerCase() ?? '', header.split(/: (.*)/)[1] ?? '']),
      ),
      body,
    }
  })
}

export type Asked = { readonly status: number; readonly text: string; readonly headers: IncomingMessage['headers'] }

/** Asks an orchestrator, whose certificate nobody vouches for. */
export class OrchestratorCaller {
  readonly #agent = new Agent({ rejectUnauthorized: false })
  readonly #port: () => number

  constructor(port: () => number) {
    this.#port = port
  }

  ask(
    path: string,
    options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {},
  ): Promise<Asked> {
    const { method = 'POST', headers = {}, body } = options
    const to = { host: '127.0.0.1', port: this.#port(), path, method, headers, agent: this.#agent }
    return new Promise((resolve, reject) => {
      const outgoing = secureRequest(to, (answer) => {
        bodyOf(answer).then(
          (text) => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }),
          reject,
        )
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
