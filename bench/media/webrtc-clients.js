// Clients of the WebRTC bench in a process of their own, so that their work is not counted: publishers of a clip, or viewers.
import { WebRtcClient } from '@millrace/media/testing'

const clients = []
let seen = []
let clip = []

process.on('message', async (message) => {
  if (message.type === 'clip') clip = message.frames.map((frame) => ({ ...frame, data: Uint8Array.from(frame.data) }))
  else if (message.type === 'open') {
    const client = await WebRtcClient.open(message.direction, ['video'])
    clients.push(client)
    client.onPacket = (_, { header, payload }) => {
      if (header.marker && client === clients[0]) seen.push([nowMs(), payload.subarray(-16).toString('hex')])
      // What is kept would only fill the memory.
      client.received.video.length = 0
    }
    process.send({ type: 'offer', sdp: await client.offer() })
  } else if (message.type === 'answer') {
    await clients.at(-1).accept(message.sdp)
    process.send({ type: 'connected' })
  } else if (message.type === 'publish') for (const client of clients) void publish(client)
  else if (message.type === 'seen') {
    process.send({ type: 'seen', seen })
    seen = []
  }
})

/** One clock for all processes of this machine, in milliseconds. */
const nowMs = () => Number(process.hrtime.bigint()) / 1e6

async function publish(client) {
  const began = performance.now()
  const length = clip.at(-1).pts - clip[0].pts + 3_000
  for (let round = 0; ; round++)
    for (const frame of clip) {
      const pts = frame.pts + round * length
      const wait = began + (pts - clip[0].pts) / 90 - performance.now()
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
      await client.send({ ...frame, pts })
    }
}
