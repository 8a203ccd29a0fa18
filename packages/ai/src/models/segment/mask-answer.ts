import { AiError } from '../../ai-error.ts'
import type { AiResult } from '../../runners/runner.ts'

/** A mask as scores: above 0 belongs to the thing. Row by row, in any size. */
export type ScoredMask = {
  readonly width: number
  readonly height: number
  readonly logits: Float32Array
  readonly score: number
}

const LOW_SIDE = 256
/** Numbers in one answer; as text each takes three to six bytes. */
const MAX_NUMBERS = 16_000_000

/** Throws `ai_too_large` where the masks of such a picture would be longer than an answer may be. */
export function checkMaskSize(request: Readonly<Record<string, unknown>>, width: number, height: number): void {
  const masks = request.multimask_output === false ? 1 : 3
  if (width * height * masks > MAX_NUMBERS)
    throw new AiError(
      'ai_too_large',
      `image: ${masks} masks of ${width}×${height} are longer than the ${MAX_NUMBERS} numbers of an answer; ask for one mask or send a smaller picture`,
    )
}

/** Masks in the size of the picture, their scores, and logits of 256 by 256, all as JSON in the way of SAM 2. */
export function maskAnswer(
  request: Readonly<Record<string, unknown>>,
  size: { readonly width: number; readonly height: number },
  masks: readonly ScoredMask[],
): AiResult {
  const best = masks.reduce((one, other) => (other.score > one.score ? other : one))
  const answered = request.multimask_output === false ? [best] : masks
  const scores = request.return_logits !== false
  const rows = (mask: ScoredMask, width: number, height: number, logits: boolean) => {
    const lines: string[] = []
    for (let y = 0; y < height; y++) {
      const line: number[] = []
      for (let x = 0; x < width; x++) {
        const value = at(mask, ((x + 0.5) * mask.width) / width - 0.5, ((y + 0.5) * mask.height) / height - 0.5)
        line.push(logits ? Math.round(value * 10) / 10 : value > 0 ? 1 : 0)
      }
      lines.push(`[${line.join()}]`)
    }
    return `[${lines.join()}]`
  }
  return {
    response: {
      masks: `[${answered.map((mask) => rows(mask, size.width, size.height, scores)).join()}]`,
      scores: JSON.stringify(answered.map(({ score }) => Math.round(score * 1_000) / 1_000)),
      logits: `[${answered.map((mask) => rows(mask, LOW_SIDE, LOW_SIDE, true)).join()}]`,
    },
    files: [],
  }
}

/** A chance between 0 and 1 as a score. */
export const logit = (chance: number): number => {
  const within = Math.min(0.9999, Math.max(0.0001, chance))
  return Math.log(within / (1 - within))
}

/** Between the numbers on straight lines. */
function at({ width, height, logits }: ScoredMask, x: number, y: number): number {
  const cx = Math.min(width - 1, Math.max(0, x))
  const cy = Math.min(height - 1, Math.max(0, y))
  const x0 = Math.floor(cx)
  const y0 = Math.floor(cy)
  const x1 = Math.min(width - 1, x0 + 1)
  const y1 = Math.min(height - 1, y0 + 1)
  const value = (px: number, py: number) => logits[py * width + px] as number
  const top = value(x0, y0) + (value(x1, y0) - value(x0, y0)) * (cx - x0)
  const bottom = value(x0, y1) + (value(x1, y1) - value(x0, y1)) * (cx - x0)
  return top + (bottom - top) * (cy - y0)
}
