import type { Log } from '@millrace/base'
import {
  type CodedFrame,
  type Complexity,
  type ComplexityProbe,
  type ComplexitySample,
  factsOf,
  fitLadder,
  muxTs,
  type PerTitleLadder,
  peekOpening,
  peekSize,
  perTitleLadder,
  probeSegment,
} from '@millrace/media'
import type { ManifestId, VideoProfile } from '@millrace/wire'
import type { GatewayConfig } from '../config/node-config.ts'

export type LadderChoiceDeps = {
  /** Undefined where nothing is set to its source. */
  readonly probe: Pick<ComplexityProbe, 'prepare' | 'measure' | 'close'> | undefined
  readonly log: Log
}

/** The renditions of a stream that no webhook names, fixed for as long as it lasts. */
export type ChosenLadder = {
  readonly ladder: readonly VideoProfile[] | undefined
  /** Why its rates are what they are. */
  readonly perTitle?: PerTitleLadder | undefined
}

type Size = { readonly width: number; readonly height: number }

/** So much of a live source is looked at before its stream begins. */
const OPENING_MS = 2_000

/** Makes the configured ladder suit a source: no rendition larger than it (-fitLadder), rates as it needs them (-perTitle). */
export class LadderChoice {
  readonly #config: Pick<GatewayConfig, 'ladder' | 'fitLadder' | 'perTitle'>
  readonly #deps: LadderChoiceDeps

  constructor(config: Pick<GatewayConfig, 'ladder' | 'fitLadder' | 'perTitle'>, deps: LadderChoiceDeps) {
    this.#config = config
    this.#deps = deps
  }

  /** For frames that are still to come: it waits for the first key frame, or for two seconds; no frame is lost. `samples` of a file are looked at instead. */
  async ofFrames(
    id: ManifestId,
    frames: AsyncIterable<CodedFrame>,
    samples?: readonly ComplexitySample[],
  ): Promise<ChosenLadder & { readonly frames: AsyncIterable<CodedFrame> }> {
    const { probe } = this.#deps
    const { fitLadder: fits, perTitle } = this.#config
    if (perTitle && probe && !samples) {
      const opened = await peekOpening(frames, OPENING_MS, async (opening) => {
        const from = opening.findIndex(({ kind, keyFrame }) => kind === 'video' && keyFrame)
        const pictures = from < 0 ? [] : opening.slice(from).filter(({ kind }) => kind === 'video')
        if (pictures.length < 2) return { size: undefined, measured: [] }
        const measured = await probe.measure([{ data: muxTs(pictures), container: 'mpegts' }])
        return { size: sizeOf(factsOf(pictures)), measured }
      })
      const { size, measured } = opened.result
      return { ...this.#choose(id, size, measured), frames: opened.frames }
    }
    if (!fits && !samples) return { ladder: undefined, frames }
    const peeked = await peekSize(frames)
    const measured = samples && probe ? await probe.measure(samples) : undefined
    return { ...this.#choose(id, peeked.size, measured), frames: peeked.frames }
  }

  /** For a stream of pushed segments, by the first one; -fitLadder leaves them as they are. */
  async ofSegment(id: ManifestId, segment: ComplexitySample): Promise<ChosenLadder> {
    const { probe } = this.#deps
    if (!this.#config.perTitle || !probe) return { ladder: undefined }
    const size = sizeOf(probeSegment(segment.data, segment.container))
    return this.#choose(id, size, size ? await probe.measure([segment]) : [], { fits: false })
  }

  /** Makes ready for the first stream. */
  prepare(): void {
    if (this.#config.perTitle) this.#deps.probe?.prepare()
  }

  async close(): Promise<void> {
    await this.#deps.probe?.close()
  }

  #choose(
    id: ManifestId,
    size: Size | undefined,
    measured: readonly Complexity[] | undefined,
    { fits = this.#config.fitLadder ?? false } = {},
  ): ChosenLadder {
    const { ladder: own, perTitle: mode } = this.#config
    const ladder = fits && size ? fitLadder(own, size) : undefined
    if (!mode || !measured) return { ladder }
    const perTitle = perTitleLadder(ladder ?? own, measured, mode)
    if (perTitle)
      this.#deps.log.info('the ladder was set to the source', {
        manifestId: id,
        rates: perTitle.rates
          .map(({ name, ladderBps, bps }) => `${name}: ${kbps(bps)} of ${kbps(ladderBps)} kb/s`)
          .join(', '),
        reason: `a fixed quality took ${perTitle.bitsPerPixel} bits a pixel in the hardest of ${perTitle.samples} samples`,
      })
    else this.#deps.log.info('the ladder has its own rates: the source could not be looked at', { manifestId: id })
    return { ladder: perTitle?.ladder ?? ladder, perTitle }
  }
}

const sizeOf = ({ width, height }: { readonly width: number | undefined; readonly height: number | undefined }) =>
  width && height ? { width, height } : undefined

const kbps = (bps: number): number => Math.round(bps / 1_000)
