// Viewers for the bench of playlists: connections that ask, read the answer, and ask again, until the time is over.
import { connect } from 'node:net'

const { port, path, viewers, seconds, blocking, parts } = JSON.parse(process.argv[2])
const END = Buffer.from('\r\n\r\n')
let until = Number.POSITIVE_INFINITY
let requests = 0
let failed = 0
const waits = []

/** One connection; `next` gets the text of the last answer and says what to ask for, or undefined to stop. */
function view(next) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    let pending = Buffer.alloc(0)
    let need = -1
    let asked = 0
    const ask = (target) => {
      if (target === undefined || performance.now() > until) {
        socket.destroy()
        return resolve()
      }
      asked = performance.now()
      socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    }
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      for (;;) {
        if (need < 0) {
          const end = pending.indexOf(END)
          if (end < 0) return
          const head = pending.latin1Slice(0, end)
          if (!head.startsWith('HTTP/1.1 200')) failed++
          need = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
        }
        if (pending.length < need) return
        const body = pending.subarray(pending.indexOf(END) + 4, need)
        pending = pending.subarray(need)
        need = -1
        if (performance.now() <= until) {
          requests++
          if (requests % 16 === 0) waits.push(performance.now() - asked)
        }
        ask(next(body))
      }
    })
    socket.on('error', () => {
      failed++
      resolve()
    })
    socket.on('connect', () => started.then(() => ask(next(undefined))))
  })
}

/** The part after the last one that a playlist lists. */
function nextPart(body) {
  const text = body.latin1Slice(0, body.length)
  const hint = /PRELOAD-HINT:TYPE=PART,URI="[0-9a-z]+-(\d+)\.(\d+)\.m4s"/.exec(text)
  return hint && `${path}?_HLS_msn=${hint[1]}&_HLS_part=${hint[2]}`
}

function newestPart(body) {
  const text = body.latin1Slice(0, body.length)
  const uri = text.slice(text.lastIndexOf('#EXT-X-PART:'))
  return path.replace('ll.m3u8', /URI="([^"]+)"/.exec(uri)[1])
}

let start
const started = new Promise((resolve) => {
  start = resolve
})
const follow = blocking
  ? () => (body) => (body ? nextPart(body) : path)
  : parts
    ? () => {
        let turn = 0
        return (body) => (turn++ % 2 === 1 ? newestPart(body) : path)
      }
    : () => () => path
const all = Array.from({ length: viewers }, () => view(follow()))
process.once('message', async () => {
  const began = performance.now()
  until = began + seconds * 1_000
  start()
  await Promise.race([Promise.all(all), new Promise((resolve) => setTimeout(resolve, seconds * 1_000 + 2_000))])
  waits.sort((a, b) => a - b)
  process.send({ requests, failed, ms: seconds * 1_000, p99: waits[Math.floor(waits.length * 0.99)] ?? 0 })
})
process.send('ready')
