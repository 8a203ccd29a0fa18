import { probeSegment, readCmafChunk } from '@millrace/media'
import { inspectSegment, makeTestClip } from '@millrace/media/testing'
import { parseJsonProfiles } from '@millrace/wire'
import { expect, it } from 'vitest'
import { until } from './ledger.ts'
import { startTestNetwork } from './network-fixture.ts'
import { push } from './push.ts'

/** As operators write it. */
const LADDER = parseJsonProfiles([
  { name: 'small-vp9', width: 320, height: 180, bitrate: 250_000, gop: '1.0', encoder: 'VP9' },
  { name: 'small-av1', width: 320, height: 180, bitrate: 200_000, gop: '1.0', encoder: 'AV1' },
])

it('segments that are pushed come back in VP9 and AV1, as MP4, and stand in the playlists at the times of their source', async () => {
  const clip = await makeTestClip({ seconds: 4, width: 320, height: 180, seed: 5 })
  await using running = await startTestNetwork('one process', { offchain: true, ladder: LADDER })
  const { network } = running
  for (const segment of clip.segments) {
    const pushed = await push(network.gatewayUrl, { stream: 'codecs', ...segment })
    expect(pushed).toMatchObject({ status: 200, text: '' })
    expect([...pushed.renditions.keys()]).toEqual(['small-vp9', 'small-av1'])
    for (const [name, data] of pushed.renditions) {
      expect(probeSegment(data, 'mp4').codecs).toMatch(name === 'small-vp9' ? /^vp09\..*,mp4a/ : /^av01\..*,mp4a/)
      expect(await inspectSegment(data, 'mp4')).toMatchObject({ frames: 60, decodeErrors: 0, firstIsKey: true })
    }
  }
  const read = async (path: string) =>
    new Uint8Array(await (await fetch(`${network.gatewayUrl}/cmaf/codecs/${path}`)).arrayBuffer())
  const times = async (name: string): Promise<number[]> => {
    const playlist = Buffer.from(await read(`${name}/fmp4.m3u8`)).toString()
    const init = /#EXT-X-MAP:URI="([^"]+)"/.exec(playlist)?.[1]
    const files = playlist.split('\n').filter((line) => line.endsWith('.m4s'))
    expect(files).toHaveLength(clip.segments.length)
    const head = await read(`${name}/${init}`)
    const pictures = await Promise.all(files.map(async (file) => readCmafChunk(head, await read(`${name}/${file}`))))
    return pictures.flatMap((frames) => frames.map(({ pts }) => pts))
  }
  await until('playlists', async () => (await fetch(`${network.gatewayUrl}/cmaf/codecs/fmp4.m3u8`)).ok)
  const wanted = await times('source')
  expect(wanted).toHaveLength(120)
  for (const { name } of LADDER) expect(await times(name)).toEqual(wanted)
  const { totals } = network.hub.view()
  expect(totals).toMatchObject({ segmentsOut: 2, fallback: 0, missing: 0 })
}, 60_000)
