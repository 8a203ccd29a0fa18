import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Av } from '../../process/av.ts'
import type { LumaPlane } from './extract.ts'

/** The pictures of a filter chain, and what FFmpeg's own signature filter writes of them. */
export type Signed = { readonly planes: readonly (LumaPlane & { readonly pts: number })[]; readonly file: Uint8Array }

/** Runs a chain that makes pictures, `testsrc2=size=…` for example, through FFmpeg's signature filter. */
export function signedByFfmpeg(av: Av, chain: string): Signed {
  const folder = mkdtempSync(join(tmpdir(), 'signature-'))
  const path = join(folder, 'signature.bin')
  try {
    const planes: Signed['planes'][number][] = []
    run(av, `${chain},format=yuv420p,signature=filename=${path}[out];[out]buffersink`, (frame) => {
      const { width, height } = frame
      const stride = frame.linesize[0]!
      const data = Uint8Array.from(frame.data![0]!.subarray(0, stride * height))
      planes.push({ width, height, stride, data, pts: Number(frame.pts) })
    })
    return { planes, file: Uint8Array.from(readFileSync(path)) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What FFmpeg's filter says of two chains: none, partial or whole. */
export async function comparedByFfmpeg(av: Av, first: string, second: string): Promise<string> {
  const lines: string[] = []
  av.Log.setLevel(av.constants.AV_LOG_INFO)
  av.Log.setCallback((_level, message) => void lines.push(message), { maxLevel: av.constants.AV_LOG_INFO })
  try {
    const signature = 'signature=nb_inputs=2:detectmode=full:th_xh=150'
    const chains = `${first},format=yuv420p[a];${second},format=yuv420p[b];[a][b]${signature}[out];[out]buffersink`
    run(av, chains, () => {})
    // The binding hands its log on in its own time.
    for (let i = 0; i < 100 && !lines.some((line) => line.includes('matching of video')); i++)
      await new Promise((resolve) => setTimeout(resolve, 20))
  } finally {
    av.Log.resetCallback()
    av.Log.setLevel(av.constants.AV_LOG_FATAL)
  }
  const text = lines.join('\n')
  if (text.includes('whole video matching')) return 'whole'
  if (text.includes('no matching of video')) return 'none'
  if (text.includes('matching of video')) return 'partial'
  throw new Error(`FFmpeg said nothing about a match: ${text}`)
}

function run(av: Av, chains: string, each: (frame: InstanceType<Av['Frame']>) => void): void {
  const graph = new av.FilterGraph()
  graph.alloc()
  const frame = new av.Frame()
  frame.alloc()
  try {
    const parsed = graph.parsePtr(chains)
    const configured = parsed < 0 ? parsed : graph.configSync()
    if (configured < 0) throw new Error(`the filters are refused: ${configured} ${chains}`)
    const sink = graph.filters!.find((filter) => filter.filter?.name === 'buffersink')!
    while (sink.buffersinkGetFrameSync(frame) >= 0) {
      each(frame)
      frame.unref()
    }
  } finally {
    frame.free()
    graph.free()
  }
}
