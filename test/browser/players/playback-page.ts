import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

const { resolve } = createRequire(import.meta.url)
const SCRIPTS: Readonly<Record<string, string>> = {
  '/hls.js': resolve('hls.js/dist/hls.js'),
  '/shaka.js': resolve('shaka-player/dist/shaka-player.compiled.js'),
}
const PAGE = `<!doctype html><title>playback</title><video muted playsinline width="640"></video>
<script src="/hls.js"></script><script src="/shaka.js"></script>`

/** A page of another origin than the gateway's, with a video element and the players that people use. */
export async function servePlayers(): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer(async (request, response) => {
    const script = SCRIPTS[request.url ?? '']
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html')
    response.end(script ? await readFile(script) : PAGE)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
