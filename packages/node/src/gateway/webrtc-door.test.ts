import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { silentLog, systemClock } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { WebRtcClient } from '@millrace/media/testing'
import type { NodeEventBody } from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuthWebhook } from './auth-webhook.ts'
import { ChoiceLog } from './explain.ts'
import { Gateway, type GatewayDeps } from './gateway.ts'

const SDP = { 'content-type': 'application/sdp' }

let gateway: Gateway
let events: NodeEventBody[]
let hashing: Hashing
let client: WebRtcClient
let webhook: Server
let asked: string[]

beforeEach(async () => {
  events = []
  asked = []
  hashing = new Hashing()
  client = await WebRtcClient.open('sendonly', ['video'])
  webhook = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      asked.push(JSON.parse(body).url)
      const isGood = body.includes('good')
      response.writeHead(isGood ? 200 : 403)
      response.end(isGood ? JSON.stringify({ manifestID: 'granted', profiles: [] }) : '')
    })
  })
  await new Promise<void>((listening) => webhook.listen(0, '127.0.0.1', listening))
})

afterEach(async () => {
  await client.close()
  await gateway.stop()
  await hashing.stop()
  webhook.close()
})

async function start(
  options: {
    readonly auth?: GatewayDeps['auth']
    readonly httpIngest?: boolean
    readonly iceServers?: { readonly urls: string; readonly username: string; readonly credential: string }[]
  } = {},
): Promise<void> {
  const { auth, httpIngest = true, iceServers } = options
  const http = { host: '127.0.0.1', port: 0 }
  gateway = new Gateway(
    { rtmp: undefined, http, ladder: [], httpIngest, ...(iceServers && { webrtc: { iceServers } }) },
    {
      openBuyer: () => ({ close: async () => {} }) as never,
      choices: new ChoiceLog(),
      auth,
      hashing,
      clock: systemClock,
      tell: (event) => void events.push(event),
      log: silentLog,
    },
  )
  await gateway.start()
}

const webhookAuth = () =>
  new AuthWebhook({ url: `http://127.0.0.1:${(webhook.address() as AddressInfo).port}` }, { log: silentLog })

const send = (path: string, init: RequestInit = {}) =>
  fetch(`${gateway.httpUrl}${path}`, { method: 'POST', headers: SDP, ...init })

describe('the door for publishers by WebRTC', () => {
  it('answers an offer with a session that can be asked, patched and ended', async () => {
    await start()
    const offer = await client.offer()
    const answer = await send('/webrtc/whip/cam', { body: offer })
    expect(answer.status).toBe(201)
    expect(answer.headers.get('content-type')).toBe('application/sdp')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    const location = answer.headers.get('location')!
    const etag = answer.headers.get('etag')!
    expect(location).toMatch(/^\/webrtc\/session\/[0-9a-f]{32}$/)
    await client.accept(await answer.text())
    await expect.poll(() => events[0]).toMatchObject({ type: 'stream_started', manifestId: 'cam', ingest: 'whip' })

    const patch = (body: string, headers: Record<string, string> = {}) =>
      send(location, {
        method: 'PATCH',
        body,
        headers: { 'content-type': 'application/trickle-ice-sdpfrag', ...headers },
      })
    const ufrag = /^a=ice-ufrag:\S+/m.exec(offer)![0]
    expect(
      (await patch(`${ufrag}\r\na=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n`, { 'if-match': etag })).status,
    ).toBe(204)
    expect((await patch('a=ice-ufrag:other\r\n')).status).toBe(422)
    expect((await patch(ufrag, { 'if-match': '"old"' })).status).toBe(412)
    expect((await send(location, { method: 'PATCH', body: 'x' })).status).toBe(415)
    expect((await send(location, { method: 'GET' } as RequestInit)).status).toBe(405)

    const other = await WebRtcClient.open('sendonly', ['video'])
    const second = await send('/webrtc/whip/cam', { body: await other.offer() })
    expect([second.status, await second.text()]).toEqual([409, 'there is a live stream named cam already\n'])
    await other.close()

    expect((await send(location, { method: 'DELETE' })).status).toBe(200)
    expect((await send(location, { method: 'DELETE' })).status).toBe(404)
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'stream_ended', manifestId: 'cam' })
  })

  it('refuses what is no offer, before it costs anything', async () => {
    await start()
    const status = async (path: string, init: RequestInit) => (await send(path, init)).status
    expect(await status('/webrtc/whip/cam', { body: 'v=0\r\n'.repeat(20_000) })).toBe(413)
    expect(
      await status('/webrtc/whip/cam', { body: `v=0\r\n${'m=video 9 UDP/TLS/RTP/SAVPF 96\r\n'.repeat(21)}` }),
    ).toBe(413)
    expect(await status('/webrtc/whip/cam', { body: 'hello' })).toBe(400)
    expect(await status('/webrtc/whip/cam', { body: 'x', headers: { 'content-type': 'text/plain' } })).toBe(415)
    expect(await status('/webrtc/whip/cam', { method: 'GET' })).toBe(405)
    expect(await status('/webrtc/whip/%2e%2e%2fcam', { body: await client.offer() })).toBe(400)
    expect(await status('/webrtc/whip/%ff', { body: 'x' })).toBe(400)
    expect(await status('/webrtc/other/cam', { body: 'x' })).toBe(404)
    expect(await status('/webrtc/whep/cam', { body: await client.offer() })).toBe(404)
    const text = await (
      await send('/webrtc/whip/cam', { body: (await client.offer()).replaceAll(/h264/gi, 'H263') })
    ).text()
    expect(text).toContain('the offer has H263')
    expect(gateway.webRtcSessions).toBe(0)
  })

  it('tells browsers what they may do, and which servers help them through routers', async () => {
    await start({ iceServers: [{ urls: 'turn:turn.example:3478', username: 'me', credential: 'pass' }] })
    const answer = await send('/webrtc/whip/cam', { method: 'OPTIONS' })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST')
    expect(answer.headers.get('accept-post')).toBe('application/sdp')
    expect(answer.headers.get('link')).toBe(
      '<turn:turn.example:3478>; rel="ice-server"; username="me"; credential="pass"; credential-type="password"',
    )
  })

  it('is shut for pages of other sites, and where publishers by HTTP are', async () => {
    await start()
    const body = await client.offer()
    const origin = { ...SDP, origin: 'https://evil.example' }
    expect((await send('/webrtc/whip/cam', { body, headers: origin })).status).toBe(403)
    const key = { ...origin, authorization: 'Bearer good' }
    expect((await send('/webrtc/whip/cam', { body, headers: key })).status).toBe(403)
    await gateway.stop()
    await start({ httpIngest: false })
    expect((await send('/webrtc/whip/cam', { body })).status).toBe(404)
  })

  it('asks the webhook with the key, from the path or from the header, and takes its name', async () => {
    await start({ auth: webhookAuth() })
    const body = await client.offer()
    expect((await send('/webrtc/whip/cam/wrong', { body })).status).toBe(403)
    // A page of another site may publish with a key that the webhook knows.
    const headers = { ...SDP, origin: 'https://studio.example', authorization: 'Bearer good' }
    const answer = await send('/webrtc/whip/cam?x=1', { body, headers })
    expect(answer.status).toBe(201)
    await client.accept(await answer.text())
    await expect
      .poll(() => events.find(({ type }) => type === 'stream_started'))
      .toMatchObject({ type: 'stream_started', manifestId: 'granted' })
    expect(asked).toEqual([`${gateway.httpUrl}/webrtc/whip/cam/wrong`, `${gateway.httpUrl}/webrtc/whip/cam/good?x=1`])
  })
})
