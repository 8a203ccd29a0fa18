import { randomBytes } from 'node:crypto'
import { MillraceError } from '@millrace/base'
import { checkPushUrl } from '@millrace/media'
import { isManifestId } from '@millrace/wire'
import { z } from 'zod'

/** What a publisher wants done with its stream, as its query says. */
export type LiveAiWish = {
  readonly pipeline: string
  readonly params: Readonly<Record<string, unknown>>
  readonly streamId: string
  readonly rtmpOutput: string | undefined
  /** A part of the address that the orchestrator must have. */
  readonly orchestrator: string
  /** Further pipelines, each of which works on what the one before made. */
  readonly then: readonly LiveAiStage[]
}

/** One pipeline of several. */
export type LiveAiStage = Pick<LiveAiWish, 'pipeline' | 'params' | 'orchestrator'>

/** What comes out has the name of what goes in, and this. */
export const OUT = '-out'
const MAX_PARAMS_CHARS = 100_000
const MAX_NAME = 100
/** Each stage costs time and money. */
const MAX_STAGES = 8

/** Names one run of a stream. */
export const newRequestId = (): string => randomBytes(4).toString('hex')

/** Throws `bad_name`. */
export function checkLiveName(name: string): string {
  if (isManifestId(name) && name.length <= MAX_NAME && !name.endsWith(OUT)) return name
  throw new MillraceError(
    'bad_name',
    `a live AI stream needs a name of 1 to ${MAX_NAME} letters, digits and _ - . ~ that does not end with ${OUT}`,
  )
}

/** Reads `pipeline`, `params`, `streamId`, `rtmpOutput` and `orchestrator`, or `cascade` in the place of `pipeline` and `params`; throws `bad_live_request` for what cannot be meant. */
export function readWish(query: URLSearchParams): LiveAiWish {
  const text = (name: string, most: number): string => {
    const value = query.get(name) ?? ''
    if (value.length > most) throw bad(`${name} is longer than ${most} characters`)
    return value
  }
  const streamId = text('streamId', 128)
  if (streamId !== '' && !/^[\w.~:-]+$/.test(streamId)) throw bad('streamId has letters, digits and _ - . ~ : only')
  const rtmpOutput = text('rtmpOutput', 2_000)
  if (rtmpOutput !== '') checkPushUrl(rtmpOutput)
  const stage = {
    pipeline: text('pipeline', 200),
    params: paramsOf(text('params', MAX_PARAMS_CHARS)),
    orchestrator: text('orchestrator', 200),
  }
  const cascade = text('cascade', MAX_PARAMS_CHARS)
  if (cascade !== '' && (stage.pipeline !== '' || query.has('params')))
    throw bad('cascade stands in the place of pipeline and params')
  const [first = stage, ...then] = cascade === '' ? [] : stagesOf(cascade)
  return { ...first, then, streamId, rtmpOutput: rtmpOutput || undefined }
}

const stages = z
  .array(
    z.strictObject({
      pipeline: z.string().min(1).max(200),
      params: z.record(z.string(), z.unknown()).default({}),
      orchestrator: z.string().max(200).default(''),
    }),
  )
  .min(1)
  .max(MAX_STAGES)

function stagesOf(text: string): readonly LiveAiStage[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw bad('cascade is no JSON')
  }
  const read = stages.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw bad(
    `cascade is a list of 1 to ${MAX_STAGES} {"pipeline", "params"?, "orchestrator"?}: ${issue?.path.join('.')} ${issue?.message}`,
  )
}

/** Parameters as JSON; throws `bad_live_request`. */
export function paramsOf(text: string): Readonly<Record<string, unknown>> {
  if (text === '') return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw bad('params is no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('params is no JSON object')
  return value as Record<string, unknown>
}

const bad = (why: string): MillraceError => new MillraceError('bad_live_request', why)
