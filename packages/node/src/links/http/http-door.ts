import type { Duplex } from 'node:stream'
import type { Request, Response } from './byoc-answers.ts'

/** A set of paths of a server, such as all those of live runners. */
export type HttpDoor = {
  owns(url: URL, request: Request): boolean
  /** Answers whatever becomes of the request. */
  serve(request: Request, response: Response, url: URL): Promise<void>
  /** Takes a connection over that asks for another protocol, such as WebSocket; it is the door's own from then on. */
  upgrade?(request: Request, socket: Duplex, head: Buffer, url: URL): Promise<void>
}
