import {
  fromDataUrl,
  imageSize,
  liveStartJson,
  PIPELINES,
  type Pipeline,
  parseAiModels,
  readJob,
  readLiveStart,
  readRunnerLiveRequest,
  runnerLiveRequestJson,
  writeJob,
} from '@millrace/ai'
import { testJob, testPicture } from '@millrace/ai/testing'
import { MillraceError } from '@millrace/base'
import type { Target } from '../target.ts'
import { Broken } from '../target.ts'

const isOwn = (error: unknown): boolean => error instanceof MillraceError
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const lines = (...all: readonly string[]) => all.map((line) => Buffer.from(line))

const FORM = /boundary=(.*)$/
const BOUNDARY = 'millrace'

/** A job as its body, whose boundary is always the same. */
function bodyOf(pipeline: Pipeline): Uint8Array {
  const { contentType, body } = writeJob(pipeline, testJob(pipeline.name, 'model'))
  const boundary = FORM.exec(contentType)?.[1]
  return boundary ? Buffer.from(Buffer.from(body).toString('latin1').replaceAll(boundary, BOUNDARY), 'latin1') : body
}

/** One for each pipeline: its body is JSON or a form. */
const jobTargets = PIPELINES.map(
  (pipeline): Target => ({
    name: `ai-job-${pipeline.name}`,
    samples: () => [bodyOf(pipeline)],
    words: [
      ...['null', '{}', '[]', '"__proto__":{}', '1e999', '-1', '"stream":true', 'NaN', '\\u0000'],
      ...[`--${BOUNDARY}`, `--${BOUNDARY}--`, '\r\n\r\n', 'name="image"', 'name="model_id"', 'Content-Length: 0'],
    ],
    take: (body) => {
      const contentType = pipeline.body === 'json' ? 'application/json' : `multipart/form-data; boundary=${BOUNDARY}`
      const { request, files } = readJob(pipeline, { contentType, body, requestId: 'r' })
      const size = Object.values(files).reduce((sum, { bytes }) => sum + bytes.length, 0)
      if (size > body.length) throw new Broken(`${body.length} bytes gave files of ${size}`)
      if (pipeline.units(request, { image: { width: 1, height: 1 }, audio: { durationMs: 1 } }) < 0n)
        throw new Broken('it would be paid for by its seller')
    },
    isOwn,
  }),
)

const LIVE_WORDS = ['null', '[]', '{}', '"__proto__":{}', '"params":null', '"params":[]', '1e999', '\\u0000', '""']

function json(input: Uint8Array): unknown {
  try {
    return JSON.parse(text(input))
  } catch (cause) {
    throw new MillraceError('ai_bad_request', 'the body is not JSON', { cause })
  }
}

function again<T>(read: T, toldOn: (read: T) => T): void {
  const [first, second] = [JSON.stringify(read), JSON.stringify(toldOn(read))]
  if (first !== second) throw new Broken(`${first} was told on as ${second}`)
}

export const aiTargets: readonly Target[] = [
  ...jobTargets,
  {
    name: 'ai-picture-size',
    samples: () => [
      testPicture(64, 48).bytes,
      Buffer.from('474946383961100010000000', 'hex'),
      Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0001108003000400301220002110103110100', 'hex'),
      Buffer.from('524946461e00000057454250565038580a000000000000003f00002f0000', 'hex'),
    ],
    take: (input) => {
      const { width, height } = imageSize(input)
      if (!(width * height > 0)) throw new Broken(`a picture of ${width} x ${height}`)
    },
    isOwn,
  },
  {
    name: 'ai-models-file',
    samples: () =>
      lines(
        '[{"pipeline":"upscale","model_id":"millrace/lanczos-x2","warm":true,"price_per_unit":"0.5e-2USD"}]',
        '[{"pipeline":"llm","model_id":"m","url":"http://127.0.0.1:1","adapter":"openai","price_per_unit":3,"pixels_per_unit":7}]',
      ),
    words: ['null', '[]', '{}', '"__proto__":', '1e999', '"1e60"', '"workflow":"/dev/zero"', '"capacity":0'],
    take: async (input) => void (await parseAiModels(text(input), '/nonexistent')),
    isOwn,
  },
  {
    name: 'ai-live-start',
    samples: () =>
      lines('{"model_id":"millrace/effects","params":{"width":512},"gateway_request_id":"r","stream_id":"s"}'),
    words: LIVE_WORDS,
    // What was understood must mean the same when it is told on.
    take: (input) => again(readLiveStart(json(input)), (start) => readLiveStart(liveStartJson(start))),
    isOwn,
  },
  {
    name: 'ai-live-task',
    samples: () =>
      lines(
        '{"subscribe_url":"https://o:8935/ai/trickle/m","publish_url":"https://o:8935/ai/trickle/m-out","control_url":"","model_id":"m","params":{},"manifest_id":"m"}',
      ),
    words: [...LIVE_WORDS, 'file:///', 'http://', '"publish_url":[]'],
    take: (input) =>
      again(readRunnerLiveRequest(json(input)), (asked) => readRunnerLiveRequest(runnerLiveRequestJson(asked))),
    isOwn,
  },
  {
    name: 'ai-data-url',
    samples: () => lines('data:image/png;base64,iVBORw0KGgo=', 'data:audio/wav;charset=x;base64,AAAA'),
    words: ['data:', ';base64,', ';', ',', '/'],
    take: (input) => void fromDataUrl(text(input), 'file'),
    takesAll: true,
    isOwn,
  },
]
