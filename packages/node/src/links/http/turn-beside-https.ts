import type { Server } from 'node:https'
import { connect, type Socket } from 'node:net'
import { pipeline } from 'node:stream'
import type { TLSSocket } from 'node:tls'

/** Until a connection must say something. */
const FIRST_BYTE_MS = 15_000

/**
 * Lets a port of HTTPS serve TURN over TLS as well, for networks that let nothing but port 443 through: messages of TURN begin with two
 * zero bits, words of HTTP do not. They go on to the TURN server of this machine, which is told who speaks by a line in front (PROXY protocol).
 */
export function serveTurnBeside(server: Server, turnPort: number): void {
  const serveHttp = server.listeners('secureConnection') as ((socket: TLSSocket) => void)[]
  server.removeAllListeners('secureConnection')
  server.on('secureConnection', (socket: TLSSocket) => {
    const late = setTimeout(() => socket.destroy(), FIRST_BYTE_MS)
    const onError = () => socket.destroy()
    socket.on('error', onError)
    socket.once('close', () => clearTimeout(late))
    socket.once('readable', () => {
      clearTimeout(late)
      const first: Buffer | null = socket.read()
      if (first === null) return void socket.destroy()
      socket.unshift(first)
      if ((first[0]! & 0xc0) === 0) return handOn(socket, turnPort)
      socket.off('error', onError)
      for (const serve of serveHttp) serve.call(server, socket)
    })
  })
}

function handOn(socket: TLSSocket, turnPort: number): void {
  const { remoteAddress = '', remotePort = 0 } = socket
  const turn: Socket = connect(turnPort, '127.0.0.1')
  turn.setNoDelay(true)
  socket.setNoDelay(true)
  // Both ends of the pipe below listen to it, beside TLS.
  socket.setMaxListeners(20)
  const address = remoteAddress.replace(/^::ffff:/, '')
  turn.write(`PROXY TCP4 ${address} 127.0.0.1 ${remotePort} ${turnPort}\r\n`)
  pipeline(socket, turn, socket, () => {})
}
