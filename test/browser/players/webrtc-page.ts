import type { Page } from 'playwright-core'

/** What a page sends and receives by WebRTC; the page must be of the gateway's own origin. */
type Lab = { sessions: Map<string, { pc: RTCPeerConnection; location: string; video: HTMLVideoElement | undefined }> }
type LabWindow = Window & {
  lab: Lab
  configuration?: (url: string, relay: string | undefined) => Promise<RTCConfiguration>
}

/** Sends everything through the gateway's TURN server, over this transport. */
export type Relay = 'udp' | 'tcp'

/** Has pages know how to connect: through TURN servers as the gateway's `Link` headers name them, or in the usual way. */
export const prepare = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const configuration = async (url: string, relay: string | undefined): Promise<RTCConfiguration> => {
      if (relay === undefined) return {}
      const { headers } = await fetch(url, { method: 'OPTIONS' })
      const iceServers = [...(headers.get('link') ?? '').matchAll(/<([^>]+)>; rel="ice-server"([^,]*)/g)].map(
        ([, urls = '', rest = '']) => ({
          urls,
          username: /username="([^"]*)"/.exec(rest)?.[1] ?? '',
          credential: /credential="([^"]*)"/.exec(rest)?.[1] ?? '',
        }),
      )
      const chosen = iceServers.filter(({ urls }) => urls.startsWith('turn:') && urls.endsWith(`transport=${relay}`))
      return { iceServers: chosen, iceTransportPolicy: 'relay' }
    }
    Object.assign(window, { configuration })
  })

/** Publishes the fake camera by WHIP and resolves with the status of the answer. */
export function publish(
  page: Page,
  url: string,
  options: { readonly codec?: string; readonly width?: number; readonly relay?: Relay } = {},
): Promise<number> {
  return page.evaluate(
    async ({ url, codec, width = 640, relay }) => {
      const { configuration } = window as unknown as LabWindow
      const stream = await navigator.mediaDevices.getUserMedia({
        video: { width, height: (width * 9) / 16 },
        audio: true,
      })
      const pc = new RTCPeerConnection(await configuration?.(url, relay))
      for (const track of stream.getTracks()) {
        const transceiver = pc.addTransceiver(track, { direction: 'sendonly' })
        if (track.kind === 'video' && codec !== undefined) {
          const { codecs } = RTCRtpSender.getCapabilities('video')!
          transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType === codec))
        }
      }
      await pc.setLocalDescription()
      const answer = await fetch(url, {
        method: 'POST',
        body: pc.localDescription!.sdp,
        headers: { 'content-type': 'application/sdp' },
      })
      if (answer.status !== 201) {
        pc.close()
        for (const track of stream.getTracks()) track.stop()
        return answer.status
      }
      await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() })
      const page = window as unknown as LabWindow
      page.lab ??= { sessions: new Map() }
      page.lab.sessions.set(url, { pc, location: answer.headers.get('location')!, video: undefined })
      return answer.status
    },
    { url, ...options },
  )
}

/** Plays by WHEP in a video element and resolves with the status and, when refused, the text. */
export function play(
  page: Page,
  url: string,
  options: { readonly relay?: Relay } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  return page.evaluate(
    async ({ url, relay }) => {
      const { configuration } = window as unknown as LabWindow
      const pc = new RTCPeerConnection(await configuration?.(url, relay))
      const media = new MediaStream()
      const video = document.createElement('video')
      video.muted = true
      video.autoplay = true
      video.srcObject = media
      document.body.append(video)
      pc.addTransceiver('video', { direction: 'recvonly' })
      pc.addTransceiver('audio', { direction: 'recvonly' })
      pc.ontrack = ({ track }) => media.addTrack(track)
      await pc.setLocalDescription()
      const answer = await fetch(url, {
        method: 'POST',
        body: pc.localDescription!.sdp,
        headers: { 'content-type': 'application/sdp' },
      })
      const text = await answer.text()
      if (answer.status !== 201) {
        pc.close()
        return { status: answer.status, text }
      }
      await pc.setRemoteDescription({ type: 'answer', sdp: text })
      const page = window as unknown as LabWindow
      page.lab ??= { sessions: new Map() }
      page.lab.sessions.set(url, { pc, location: answer.headers.get('location')!, video })
      return { status: answer.status, text: '' }
    },
    { url, ...options },
  )
}

/** What a viewer received so far. */
export type Received = {
  readonly state: string
  readonly framesDecoded: number
  readonly keyFramesDecoded: number
  readonly freezes: number
  readonly framesDropped: number
  readonly width: number
  readonly lost: number
  readonly audioPackets: number
  readonly audioEnergy: number
  readonly concealed: number
  readonly jitterMs: number
}

export function received(page: Page, url: string): Promise<Received> {
  return page.evaluate(async (url) => {
    const { pc } = (window as unknown as LabWindow).lab.sessions.get(url)!
    // biome-ignore lint/suspicious/noExplicitAny: the statistics have no types
    const all: any[] = [...(await pc.getStats()).values()].filter(({ type }) => type === 'inbound-rtp')
    const video = all.find(({ kind }) => kind === 'video') ?? {}
    const audio = all.find(({ kind }) => kind === 'audio') ?? {}
    return {
      state: pc.connectionState,
      framesDecoded: video.framesDecoded ?? 0,
      keyFramesDecoded: video.keyFramesDecoded ?? 0,
      freezes: video.freezeCount ?? 0,
      framesDropped: video.framesDropped ?? 0,
      width: video.frameWidth ?? 0,
      lost: (video.packetsLost ?? 0) + (audio.packetsLost ?? 0),
      audioPackets: audio.packetsReceived ?? 0,
      audioEnergy: audio.totalAudioEnergy ?? 0,
      concealed: audio.concealedSamples ?? 0,
      jitterMs: Math.round(((video.jitterBufferDelay ?? 0) / (video.jitterBufferEmittedCount || 1)) * 1_000),
    }
  }, url)
}

/** Ends a session as a client should, with DELETE. */
export function hangUp(page: Page, url: string): Promise<number> {
  return page.evaluate(async (url) => {
    const { lab } = window as unknown as LabWindow
    const { pc, location } = lab.sessions.get(url)!
    lab.sessions.delete(url)
    const { status } = await fetch(location, { method: 'DELETE' })
    pc.close()
    return status
  }, url)
}

/** What a publisher sends, as its browser counts it. */
export function sent(page: Page, url: string): Promise<Record<string, unknown>> {
  return page.evaluate(async (url) => {
    const { pc } = (window as unknown as LabWindow).lab.sessions.get(url)!
    // biome-ignore lint/suspicious/noExplicitAny: the statistics have no types
    const all: any[] = [...(await pc.getStats()).values()]
    const video = all.find(({ type, kind }) => type === 'outbound-rtp' && kind === 'video') ?? {}
    const remote = all.find(({ type, kind }) => type === 'remote-inbound-rtp' && kind === 'video') ?? {}
    const pair = all.find(({ type, nominated }) => type === 'candidate-pair' && nominated) ?? {}
    return {
      framesEncoded: video.framesEncoded,
      framesSent: video.framesSent,
      fps: video.framesPerSecond,
      keys: video.keyFramesEncoded,
      pli: video.pliCount,
      nack: video.nackCount,
      retransmitted: video.retransmittedPacketsSent,
      limited: video.qualityLimitationReason,
      target: video.targetBitrate,
      encoder: video.encoderImplementation,
      lost: remote.packetsLost,
      fractionLost: remote.fractionLost,
      available: pair.availableOutgoingBitrate,
      rtt: pair.currentRoundTripTime,
    }
  }, url)
}

/** How a session's packets travel: kind and transport of the client's own end of the pair in use, and how many bytes went through. */
export function route(
  page: Page,
  url: string,
): Promise<{ readonly kind: string; readonly relay: string; readonly bytes: number }> {
  return page.evaluate(async (url) => {
    const { pc } = (window as unknown as LabWindow).lab.sessions.get(url)!
    // biome-ignore lint/suspicious/noExplicitAny: the statistics have no types
    const all: any[] = [...(await pc.getStats()).values()]
    const transport = all.find(({ type }) => type === 'transport')
    const pair = all.find(({ id }) => id === transport?.selectedCandidatePairId)
    const local = all.find(({ id }) => id === pair?.localCandidateId)
    return {
      kind: local?.candidateType ?? '',
      relay: local?.relayProtocol ?? '',
      bytes: (transport?.bytesSent ?? 0) + (transport?.bytesReceived ?? 0),
    }
  }, url)
}
