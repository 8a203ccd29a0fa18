import { silentLog } from '@millrace/base'
import { countPixels, openMediaEngine, WholeSegments } from '@millrace/media'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import type { VideoProfile } from '@millrace/wire'

/** One rendition, with the pixels that it really holds. */
export type Forged = { readonly data: Uint8Array; readonly pixels: bigint }

/** Renditions that show something else than their source; each is signed and its pixels are told truly. */
export const FORGERIES = [
  'black pictures',
  "another stream's pictures",
  "an earlier segment's pictures",
  'smaller pictures',
] as const
export type Forgery = (typeof FORGERIES)[number]
export type Forgeries = Readonly<Record<Forgery, readonly Forged[]>>

/** Transcodes what a cheat would rather deliver; the renditions stand in the order of the ladder. */
export async function makeForgeries(clip: TestClip, ladder: readonly VideoProfile[]): Promise<Forgeries> {
  const size = { seconds: 2, width: 640, height: 360 }
  const [black, other] = await Promise.all([
    makeTestClip({ ...size, pictures: 'black' }),
    makeTestClip({ ...size, seed: 77 }),
  ])
  const { engine } = await openMediaEngine({ spare: false, preset: 'ultrafast' }, { log: silentLog })
  const made = async (source: TestClip, profiles = ladder): Promise<readonly Forged[]> => {
    const session = new WholeSegments(await engine.open({ profiles }))
    const { renditions } = await session.transcode({ seq: 0, data: source.segments[0]!.data, container: 'mpegts' })
    await session.close()
    return renditions.map(({ data }) => ({ data, pixels: countPixels(data, 'mpegts').pixels }))
  }
  const smaller = ladder.map((profile) => ({ ...profile, width: 160, height: 90 }))
  try {
    return {
      'black pictures': await made(black),
      "another stream's pictures": await made(other),
      "an earlier segment's pictures": await made(clip),
      'smaller pictures': await made(clip, smaller),
    }
  } finally {
    await engine.close()
  }
}
