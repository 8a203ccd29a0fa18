#!/usr/bin/env node
// What viewers and publishers by WebRTC cost a gateway, and how long a frame takes through it. Runs by itself, too.
import { fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { LiveFeed, WebRtcServer } from '@millrace/media'
import { makeTestClip } from '@millrace/media/testing'
import { bound, missedBounds, spread, summary, table } from '../measure.js'

const HERE = '127.0.0.1'
const VIEWERS = 8
const PUBLISHERS = 4
/** Of 3 Mb/s at 30 frames a second. */
const FRAME_BYTES = 12_500
const log = { debug() {}, info() {}, warn: console.warn, error: console.error, child: () => log }

export async function bench({ quick }) {
  const rounds = quick ? 3 : 5
  const seconds = quick ? 4 : 8
  const clip = await makeTestClip({ seconds: 4, width: 1280, height: 720, segmentMs: 2_000, audio: false })
  const frames = clip.frames.map(padded)
  const bytes = frames.reduce((sum, { data }) => sum + data.length, 0)
  console.log(`  a picture of 1280×720 at 30, padded to ${((bytes * 8) / 4 / 1e6).toFixed(1)} Mb/s, without sound`)
  const { delays, viewers } = await watch(frames, { rounds, seconds })
  const publishers = await ingest(frames, { rounds, seconds })
  table(
    ['what', `median (least to most) of ${rounds} rounds of ${seconds} s`],
    [
      ['frame in at the gateway → its last packet at the viewer, p50, ms', spread(delays.map((d) => quantile(d, 0.5)))],
      ['the same, p95, ms', spread(delays.map((d) => quantile(d, 0.95)))],
      [`processor time a viewer by WHEP (of ${VIEWERS}), % of a core`, spread(viewers)],
      [`processor time a publisher by WHIP (of ${PUBLISHERS}), % of a core`, spread(publishers.shares)],
      ['pictures of publishers that came whole, %', spread(publishers.arrived)],
    ],
  )
  bound('delay of a frame through the gateway, p95', summary(delays.map((d) => quantile(d, 0.95))).median, 100, 'ms')
}

/** A simple picture with as many bytes as one of a camera: the rest is a message that decoders pass over. */
function padded(frame) {
  const message = Buffer.alloc(Math.max(8, FRAME_BYTES - frame.data.length), 0x55)
  message.set([0, 0, 0, 1, 6])
  return { ...frame, data: Buffer.concat([message, frame.data]) }
}

/** Viewers of one feed: delays of its frames at the first of them, and the processor time that each costs. */
async function watch(frames, { rounds, seconds }) {
  const feed = new LiveFeed()
  const pushed = new Map()
  const stopping = new AbortController()
  const feeding = pump(frames, stopping.signal, (frame) => {
    // Pictures are told apart by their last bytes, which come as they are.
    pushed.set(Buffer.from(frame.data.subarray(-16)).toString('hex'), nowMs())
    feed.push(frame)
  })
  const alone = []
  for (let i = 0; i < rounds; i++) alone.push(await processorShare(seconds / 2))
  const server = open()
  const clients = start()
  for (let i = 0; i < VIEWERS; i++)
    await connect(clients, 'recvonly', (sdp) =>
      server.play(
        { stream: 'bench', sdp, remoteAddress: HERE },
        {
          renditions: [{ name: 'source', bandwidthBps: 1, feed, opus: () => () => {} }],
        },
      ),
    )
  await sleep(1_000)
  await ask(clients, 'seen')
  const shares = []
  const delays = []
  for (let i = 0; i < rounds; i++) {
    shares.push(await processorShare(seconds))
    const { seen } = await ask(clients, 'seen')
    delays.push(seen.flatMap(([ms, tail]) => (pushed.has(tail) ? [ms - pushed.get(tail)] : [])).filter((ms) => ms >= 0))
  }
  stopping.abort()
  await feeding
  await server.stop()
  clients.kill()
  const idle = summary(alone).median
  return { delays, viewers: shares.map((share) => (share - idle) / VIEWERS) }
}

/** Publishers of the clip: the processor time that each costs, from its packets to whole pictures. */
async function ingest(frames, { rounds, seconds }) {
  const server = open()
  const clients = start()
  clients.send({ type: 'clip', frames: frames.map((frame) => ({ ...frame, data: [...frame.data] })) })
  let taken = 0
  for (let i = 0; i < PUBLISHERS; i++)
    await connect(clients, 'sendonly', (sdp) =>
      server.publish(
        { app: 'live', name: `bench-${i}`, sdp, remoteAddress: HERE },
        {
          onPublication: async (publication) => {
            for await (const _ of publication.frames) taken++
          },
          onEnd: () => {},
        },
      ),
    )
  clients.send({ type: 'publish' })
  await sleep(2_000)
  const shares = []
  const arrived = []
  for (let i = 0; i < rounds; i++) {
    taken = 0
    shares.push((await processorShare(seconds)) / PUBLISHERS)
    const expected = PUBLISHERS * seconds * 30
    if (taken < expected * 0.5) throw new Error(`${taken} of ${expected} pictures came: the machine is too busy`)
    arrived.push((100 * taken) / expected)
  }
  await server.stop()
  clients.kill()
  return { shares, arrived }
}

const open = () => new WebRtcServer({ addresses: [HERE], offersPerMinute: 1_000 }, { log })

const start = () => fork(fileURLToPath(new URL('webrtc-clients.js', import.meta.url)), { serialization: 'advanced' })

async function connect(clients, direction, answer) {
  const { sdp } = await ask(clients, 'open', { direction })
  await ask(clients, 'answer', { sdp: (await answer(sdp)).sdp })
}

function ask(clients, type, more = {}) {
  return new Promise((resolve) => {
    clients.once('message', resolve)
    clients.send({ type, ...more })
  })
}

/** Frames over and over at the speed of a clock. */
async function pump(frames, signal, take) {
  const length = frames.at(-1).pts - frames[0].pts + 3_000
  const began = performance.now()
  for (let round = 0; !signal.aborted; round++)
    for (const frame of frames) {
      if (signal.aborted) return
      const pts = frame.pts + round * length
      const wait = began + (pts - frames[0].pts) / 90 - performance.now()
      if (wait > 0) await sleep(wait)
      take({ ...frame, pts, dts: pts })
    }
}

/** Processor time of this process over some seconds, in per cent of a core. */
async function processorShare(seconds) {
  const began = performance.now()
  const before = process.cpuUsage()
  await sleep(seconds * 1_000)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 10 / (performance.now() - began)
}

const nowMs = () => Number(process.hrtime.bigint()) / 1e6

function quantile(values, part) {
  if (values.length === 0) throw new Error('no frame reached the viewer')
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bench({ quick: process.argv.includes('--quick') })
  process.exit(missedBounds().length > 0 ? 1 : 0)
}
