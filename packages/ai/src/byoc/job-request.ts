import { utf8 } from '@millrace/base'
import { z } from 'zod'
import { ComputeError } from '../compute-error.ts'

/** A job for a capability, as the header `Livepeer` carries it (ai spec, section 10). */
export type JobRequest = {
  readonly id: string
  /** JSON that the client wrote; signed as it is. */
  readonly request: string
  /** JSON that says which orchestrators may be asked and which channels a stream has; signed as it is. */
  readonly parameters: string
  readonly capability: string
  readonly timeoutSeconds: number
  /** Who signed, and the signature with 0x; empty before a gateway signs. */
  readonly sender: string
  readonly sig: string
}

export type JobParameters = {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly videoIngress: boolean
  readonly videoEgress: boolean
  readonly dataOutput: boolean
}

/** The header in which a job travels. */
export const JOB_HEADER = 'Livepeer'

const MAX_HEADER = 64 * 1024
/** A day. */
const MAX_TIMEOUT_SECONDS = 86_400
const MAX_ORCHESTRATORS = 1_000

const text = z.string().max(MAX_HEADER).nullish()
const Job = z.object({
  id: z
    .string()
    .regex(/^[\w.~-]{0,200}$/)
    .nullish(),
  request: text,
  parameters: text,
  capability: z.string().min(1).max(200),
  sender: z.string().max(100).nullish(),
  sig: z.string().max(200).nullish(),
  timeout_seconds: z.int().nullish(),
})
const uris = z.array(z.string().max(500)).max(MAX_ORCHESTRATORS).nullish()
const Parameters = z.object({
  orchestrators: z.object({ include: uris, exclude: uris }).nullish(),
  enable_video_ingress: z.boolean().nullish(),
  enable_video_egress: z.boolean().nullish(),
  enable_data_output: z.boolean().nullish(),
})
const Details = z.object({ stream_id: z.string().max(200).nullish() })

/** What peers of go-livepeer are told where a job says not how long it may take. */
export const NO_TIMEOUT_TEXT = 'no timeout_seconds set with request, timeout_seconds is required'

/** Reads the header `Livepeer`; throws `compute_bad_request`. */
export function readJobHeader(value: string | undefined): JobRequest {
  if (value === undefined || value === '')
    throw bad(`the header ${JOB_HEADER} is missing: base64 of JSON with request, capability and timeout_seconds`)
  if (value.length > MAX_HEADER || !/^[A-Za-z0-9+/]+={0,2}$/.test(value))
    throw bad(`the header ${JOB_HEADER} is not base64 of at most ${MAX_HEADER} bytes`)
  const job = parse(Job, Buffer.from(value, 'base64').toString('utf8'), `the header ${JOB_HEADER}`)
  if (!job.timeout_seconds) throw bad(NO_TIMEOUT_TEXT)
  if (job.timeout_seconds < 0 || job.timeout_seconds > MAX_TIMEOUT_SECONDS)
    throw bad(`timeout_seconds must be 1 to ${MAX_TIMEOUT_SECONDS}`)
  return {
    id: job.id ?? '',
    request: job.request ?? '',
    parameters: job.parameters ?? '',
    capability: job.capability,
    timeoutSeconds: job.timeout_seconds,
    sender: job.sender ?? '',
    sig: job.sig ?? '',
  }
}

/** The value of the header `Livepeer`. */
export const writeJobHeader = (job: JobRequest): string =>
  Buffer.from(
    JSON.stringify({
      id: job.id,
      request: job.request,
      parameters: job.parameters,
      capability: job.capability,
      capability_url: '',
      sender: job.sender,
      sig: job.sig,
      timeout_seconds: job.timeoutSeconds,
    }),
  ).toString('base64')

/** The bytes that the sender of a job signs as a message between nodes. */
export const jobMessage = ({ request, parameters }: Pick<JobRequest, 'request' | 'parameters'>): Uint8Array =>
  utf8(request + parameters)

/** Reads `parameters`; none are the same as `{}`. Throws `compute_bad_request`. */
export function readJobParameters({ parameters }: Pick<JobRequest, 'parameters'>): JobParameters {
  const read = parse(Parameters, parameters === '' ? '{}' : parameters, 'parameters of the job')
  return {
    include: (read.orchestrators?.include ?? []).map(origin),
    exclude: (read.orchestrators?.exclude ?? []).map(origin),
    videoIngress: read.enable_video_ingress ?? false,
    videoEgress: read.enable_video_egress ?? false,
    dataOutput: read.enable_data_output ?? false,
  }
}

/** Reads `request`, of which only the stream means anything to nodes. Throws `compute_bad_request`. */
export function readJobDetails({ request }: Pick<JobRequest, 'request'>): { readonly streamId: string } {
  return { streamId: parse(Details, request, 'request of the job').stream_id ?? '' }
}

const origin = (uri: string): string => uri.replace(/\/+$/, '')

function parse<Shape extends z.ZodType>(shape: Shape, json: string, what: string): z.output<Shape> {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new ComputeError('compute_bad_request', `${what} is not JSON`, { cause })
  }
  const { data, error } = shape.safeParse(value)
  if (error) {
    const [issue] = error.issues
    throw bad(`${what}: ${issue?.path.join('.') || 'the value'}: ${issue?.message ?? 'it is wrong'}`)
  }
  return data
}

const bad = (message: string): ComputeError => new ComputeError('compute_bad_request', message)
