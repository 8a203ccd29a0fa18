import type { IncomingMessage, ServerResponse } from 'node:http'
import { keccak256, type Pixels, toHex } from '@millrace/base'
import {
  type CommitmentDomain,
  decodeTranscodeResult,
  encodeTranscodeResult,
  renditionsHash,
  type SignedSegmentCommitment,
  type Signer,
  signHashMessage,
  signSegmentCommitment,
  type TranscodeData,
} from '@millrace/wire'
import { FORGERIES, type Forged, type Forgeries, type Forgery } from './forgeries.ts'
import { type LinkCertificate, MiddleLink } from './middle-link.ts'

/** What an orchestrator may answer instead of the truth. */
export type Lie =
  | 'more pixels'
  | 'no signature'
  | 'a rendition too few'
  | "somebody else's renditions"
  | "another segment's answer"
  | 'swapped pictures'
  | Forgery

export type LyingLinkDeps = {
  /** The orchestrator's own key: a cheat signs what it delivers. */
  readonly signer: Signer
  readonly forgeries: Forgeries
  readonly lies: PlannedLie
  /** With it a cheat signs what it delivers as evidence too, as honest orchestrators do. */
  readonly domain?: CommitmentDomain
}

/** The lie that is to be told next; whichever link has a result first tells it, once. */
export type PlannedLie = { next: Lie | undefined }

const HOST = '127.0.0.1'

/** A link to an orchestrator that changes its answers on request. */
export class LyingLink extends MiddleLink {
  /** The segments whose answers were changed. */
  readonly told: { readonly seq: number; readonly lie: Lie }[] = []
  /** What was signed for the truth. */
  readonly honest: SignedSegmentCommitment[] = []
  readonly #deps: LyingLinkDeps
  #honestData: TranscodeData | undefined
  #honestRendition: Buffer | undefined
  /** What is delivered instead of the renditions at these paths. */
  readonly #forged = new Map<string, Uint8Array>()

  private constructor(targetPort: () => number, deps: LyingLinkDeps, certificate: LinkCertificate) {
    super(targetPort, certificate)
    this.#deps = deps
  }

  /** Opens a link; `targetPort` is the orchestrator's own. */
  static async open(targetPort: () => number, deps: LyingLinkDeps): Promise<LyingLink> {
    return new LyingLink(targetPort, deps, await MiddleLink.certificate()).listen()
  }

  protected override async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const answer = await this.forward(incoming, outgoing)
    await this.answer(outgoing, answer, (body) => this.#changed(incoming.url ?? '/', body))
  }

  #changed(path: string, body: Buffer): Uint8Array {
    if (path === '/segment') return this.#changedResult(body)
    if (!path.startsWith('/stream/')) return body
    const forged = this.#forged.get(path)
    if (forged) return forged
    this.#honestRendition = body
    return body
  }

  #changedResult(body: Buffer): Uint8Array {
    const result = decodeTranscodeResult(body)
    if ('error' in result.result) return body
    const { data } = result.result
    const { lies } = this.#deps
    const lie = lies.next
    const earlier = this.#honestData
    if (lie === undefined || !earlier || !this.#honestRendition) {
      this.#honestData = data
      if (data.commitment) this.honest.push(data.commitment)
      return body
    }
    lies.next = undefined
    this.told.push({ seq: result.seq, lie })
    return encodeTranscodeResult({ ...result, result: { data: this.#lied(lie, data, earlier) } })
  }

  #lied(lie: Lie, data: TranscodeData, earlier: TranscodeData): TranscodeData {
    if (isForgery(lie)) return this.#forge(this.#deps.forgeries[lie], data)
    if (lie === 'swapped pictures')
      for (const { url } of data.segments) this.#forged.set(new URL(url).pathname, this.#honestRendition as Buffer)
    return changedData(lie, data, earlier)
  }

  /** Other renditions, with their own pixels and signatures that hold; without a domain there is no commitment, as orchestrators of go-livepeer answer. */
  #forge(renditions: readonly Forged[], data: TranscodeData): TranscodeData {
    const { commitment, ...rest } = data
    const { signer, domain } = this.#deps
    const segments = data.segments.map((segment, i) => {
      this.#forged.set(new URL(segment.url).pathname, renditions[i]!.data)
      return { ...segment, pixels: renditions[i]!.pixels }
    })
    const hash = renditionsHash(renditions.map((rendition) => keccak256(rendition.data)))
    const pixels = renditions.reduce((sum, rendition) => sum + rendition.pixels, 0n) as Pixels
    const signed = domain &&
      commitment && {
        commitment: signSegmentCommitment(signer, domain, { ...commitment, renditionsHash: toHex(hash), pixels }),
      }
    return { ...rest, ...signed, segments, signature: signHashMessage(signer, hash) }
  }
}

const isForgery = (lie: Lie): lie is Forgery => FORGERIES.some((forgery) => forgery === lie)

function changedData(lie: Exclude<Lie, Forgery>, data: TranscodeData, earlier: TranscodeData): TranscodeData {
  const { segments } = data
  switch (lie) {
    case 'more pixels':
      return { ...data, segments: segments.map((s, i) => (i === 0 ? { ...s, pixels: s.pixels + 1_000_000n } : s)) }
    case 'no signature':
      return { ...data, signature: new Uint8Array(65) }
    case 'a rendition too few':
      return { ...data, segments: segments.slice(1) }
    case "somebody else's renditions":
      return { ...data, segments: segments.map((s) => ({ ...s, url: `https://${HOST}:1/stream/x/0.ts` })) }
    case "another segment's answer":
      return earlier
    case 'swapped pictures':
      return data
  }
}
