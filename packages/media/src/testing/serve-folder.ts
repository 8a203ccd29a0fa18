import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'

export type FolderServer = {
  readonly url: string
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[]
  close(): void
}

/** Serves the files of a folder with ranges; what `answer` takes (by returning true) is not looked for there. */
export async function serveFolder(
  folder: string,
  answer: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<FolderServer> {
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    asked.push(request.url ?? '')
    if (answer(request, response)) return
    const name = basename(new URL(request.url ?? '/', 'http://localhost').pathname)
    const data = await readFile(join(folder, name)).catch(() => undefined)
    if (!data) return void response.writeHead(404).end()
    const [, from = '', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    if (from === '') return void response.writeHead(200, { 'content-length': data.length }).end(data)
    const start = Number(from)
    const end = to === '' ? data.length - 1 : Math.min(Number(to), data.length - 1)
    response.writeHead(206, {
      'content-range': `bytes ${start}-${end}/${data.length}`,
      'content-length': end - start + 1,
    })
    response.end(data.subarray(start, end + 1))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
