import { z } from 'zod'
import type { AiUnit, Pipeline } from './pipeline.ts'
import { PIPELINES } from './registry.ts'

type Json = Readonly<Record<string, unknown>>

export type OpenApiOptions = {
  /** Where the server is reached. */
  readonly serverUrl?: string | undefined
  /** Of the document. */
  readonly version?: string | undefined
  /** Those that are described. Default: all. */
  readonly pipelines?: readonly Pipeline[]
  /** What stands before the paths, such as `/api/beta/generate`. */
  readonly prefix?: string
}

const ERROR: Json = {
  type: 'object',
  properties: {
    error: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
    detail: { type: 'object', properties: { msg: { type: 'string' } }, required: ['msg'] },
  },
  required: ['error', 'detail'],
}

const FAILURES: Readonly<Record<string, string>> = {
  400: 'A field or a file is missing or wrong; the message names it.',
  413: 'The body is too large.',
  415: 'The body, or a file in it, is of another kind.',
  500: 'The job failed.',
  503: 'Nobody runs the model, or everybody who does is busy.',
  504: 'The job took too long.',
}

/** The OpenAPI 3.1 document of the pipelines, made of their descriptions. */
export function openApiDocument(options: OpenApiOptions = {}): Json {
  const { serverUrl, version = '1', pipelines = PIPELINES, prefix = '' } = options
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace AI',
      version,
      description: 'AI jobs: one path for each pipeline. Names and fields are those of the Livepeer network.',
    },
    ...(serverUrl && { servers: [{ url: serverUrl }] }),
    paths: Object.fromEntries(
      pipelines.map((pipeline) => [`${prefix}/${pipeline.name}`, { post: operation(pipeline) }]),
    ),
    components: { schemas: { Error: ERROR } },
  }
}

/** What a page needs to draw the form of a pipeline. */
export type PipelineDescription = {
  readonly name: string
  readonly title: string
  readonly about: string
  readonly capability: number
  readonly body: Pipeline['body']
  readonly streams: boolean
  readonly unit: AiUnit
  readonly modelField: Pipeline['modelField']
  readonly defaultModel: string
  readonly files: Pipeline['files']
  /** JSON Schema of the fields beside the files. */
  readonly request: Json
  readonly response: Json
}

/** Every pipeline as plain data, for `GET /ai/pipelines`; models, prices and warmth belong to whoever serves it. */
export const describePipelines = (pipelines: readonly Pipeline[] = PIPELINES): readonly PipelineDescription[] =>
  pipelines.map((pipeline) => ({
    name: pipeline.name,
    title: pipeline.title,
    about: pipeline.about,
    capability: pipeline.capability,
    body: pipeline.body,
    streams: pipeline.streams,
    unit: pipeline.unit,
    modelField: pipeline.modelField,
    defaultModel: pipeline.defaultModel,
    files: pipeline.files,
    request: schemaOf(pipeline.request, 'input'),
    response: schemaOf(pipeline.response, 'output'),
  }))

function operation(pipeline: Pipeline): Json {
  const type = pipeline.body === 'json' ? 'application/json' : 'multipart/form-data'
  const answer = schemaOf(pipeline.response, 'output')
  const content = {
    'application/json': { schema: answer },
    ...(pipeline.streams && {
      'text/event-stream': { schema: { type: 'string', description: 'Chunks as `data:` lines, then `data: [DONE]`.' } },
    }),
  }
  const failure = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } }
  return {
    operationId: pipeline.name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    summary: pipeline.title,
    description: `${pipeline.about} Priced by the ${pipeline.unit}.`,
    requestBody: { required: true, content: { [type]: { schema: requestOf(pipeline) } } },
    responses: {
      200: { description: 'What came of it.', content },
      ...Object.fromEntries(
        Object.entries(FAILURES).map(([status, description]) => [status, { description, ...failure }]),
      ),
    },
  }
}

/** The fields with the files among them. */
function requestOf(pipeline: Pipeline): Json {
  const schema = schemaOf(pipeline.request, 'input')
  const files = pipeline.files.map(({ name, about, maxBytes }) => [
    name,
    { type: 'string', format: 'binary', description: `${about} At most ${maxBytes} bytes.` },
  ])
  return {
    ...schema,
    properties: { ...Object.fromEntries(files), ...(schema.properties as Json) },
    required: [
      ...pipeline.files.map(({ name }) => name),
      ...((schema.required as readonly string[] | undefined) ?? []),
    ],
  }
}

function schemaOf(schema: z.ZodObject, io: 'input' | 'output'): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io }) as Record<string, unknown>
  return json
}
