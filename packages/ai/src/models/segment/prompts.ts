import { AiError } from '../../ai-error.ts'

export type Point = { readonly x: number; readonly y: number; readonly belongs: boolean }

/** What a request points at, in pixels of the picture. */
export type Prompts = {
  readonly points: readonly Point[]
  readonly box: readonly [number, number, number, number] | undefined
  /** Scores of an earlier answer: a square, row by row. */
  readonly mask: { readonly side: number; readonly data: Float32Array } | undefined
}

const MAX_POINTS = 100
const MASK_SIDE = 256

/** The prompts in the fields of a request for a picture of this size; `ai_bad_request` names the field that is wrong. */
export function readPrompts(
  request: Readonly<Record<string, unknown>>,
  { width, height }: { readonly width: number; readonly height: number },
): Prompts {
  // Coordinates that are not normalised lie between 0 and 1 already.
  const pixels = request.normalize_coords !== false
  const [toX, toY] = pixels ? [1, 1] : [width, height]
  const at = (field: string, x: unknown, y: unknown) => {
    const [px, py] = [Number(x) * toX, Number(y) * toY]
    if (typeof x !== 'number' || typeof y !== 'number' || !(px >= 0 && px <= width && py >= 0 && py <= height))
      throw wrong(field, `each point has x and y inside the picture of ${width}×${height}`)
    return [px, py] as const
  }
  const coords = list(request, 'point_coords', 2) ?? []
  const labels = list(request, 'point_labels', 1) ?? coords.map(() => 1)
  if (coords.length > MAX_POINTS) throw wrong('point_coords', `there may be ${MAX_POINTS} points at most`)
  if (labels.length !== coords.length) throw wrong('point_labels', 'there must be one for each point')
  const points = coords.map((coord, index) => {
    const [x, y] = at(
      'point_coords',
      ...((Array.isArray(coord) ? [coord[0], coord[1]] : [undefined, undefined]) as [unknown, unknown]),
    )
    if (labels[index] !== 0 && labels[index] !== 1) throw wrong('point_labels', 'each is 1 or 0')
    return { x, y, belongs: labels[index] === 1 }
  })
  return { points, box: readBox(request, at), mask: readMask(request) }
}

function readBox(
  request: Readonly<Record<string, unknown>>,
  at: (field: string, x: unknown, y: unknown) => readonly [number, number],
): Prompts['box'] {
  const given = list(request, 'box', 1)
  if (!given || given.length === 0) return undefined
  const [left, top] = at('box', given[0], given[1])
  const [right, bottom] = at('box', given[2], given[3])
  if (given.length !== 4 || right <= left || bottom <= top) throw wrong('box', 'it is [left, top, right, bottom]')
  return [left, top, right, bottom]
}

function readMask(request: Readonly<Record<string, unknown>>): Prompts['mask'] {
  const rows = list(request, 'mask_input', 2)
  if (!rows || rows.length === 0) return undefined
  const data = Float32Array.from(rows.flat() as number[])
  if (rows.length !== MASK_SIDE || data.length !== MASK_SIDE ** 2 || data.some(Number.isNaN))
    throw wrong('mask_input', `it is ${MASK_SIDE} rows of ${MASK_SIDE} numbers, one of the logits of an earlier answer`)
  return { side: MASK_SIDE, data }
}

/** A list nested `depth` deep in a field's JSON; clients put a list of one around it. */
function list(
  request: Readonly<Record<string, unknown>>,
  field: string,
  depth: number,
): readonly unknown[] | undefined {
  const text = request[field]
  if (typeof text !== 'string' || text.trim() === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw wrong(field, 'this is no JSON')
  }
  if (value === null) return undefined
  let nested = 0
  for (let at = value; Array.isArray(at); at = at[0]) nested++
  if (!Array.isArray(value) || (nested < depth && value.length > 0))
    throw wrong(field, 'this is no list of the right depth')
  return nested > depth && value.length === 1 ? value[0] : value
}

const wrong = (field: string, text: string): AiError =>
  new AiError('ai_bad_request', `${field}: ${text}`, { meta: { field } })
