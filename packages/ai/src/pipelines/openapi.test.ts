import { describe, expect, it } from 'vitest'
import { testJob } from '../testing/jobs.ts'
import { describePipelines, openApiDocument } from './openapi.ts'
import { readRequest } from './read-request.ts'
import { PIPELINES, requirePipeline } from './registry.ts'

type Schema = {
  readonly type?: string
  readonly format?: string
  readonly default?: unknown
  readonly properties: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}
type Operation = {
  readonly operationId: string
  readonly requestBody: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }>
  >
}
type Document = { readonly openapi: string; readonly paths: Readonly<Record<string, { readonly post: Operation }>> }

const document = openApiDocument({ serverUrl: 'http://127.0.0.1:9935' }) as unknown as Document
const operation = (name: string) => document.paths[`/${name}`]?.post as Operation

describe('the OpenAPI document', () => {
  it('has a path for each pipeline, with names that differ', () => {
    expect(Object.keys(document.paths)).toEqual(PIPELINES.map(({ name }) => `/${name}`))
    expect(new Set(PIPELINES.map(({ name }) => operation(name).operationId)).size).toBe(PIPELINES.length)
  })

  it.each(PIPELINES.map(({ name }) => name))('%s asks for what the pipeline needs, and no more', (name) => {
    const pipeline = requirePipeline(name)
    const [[type, { schema }] = ['', { schema: { properties: {} } as Schema }]] = Object.entries(
      operation(name).requestBody.content,
    )
    expect(type).toBe(pipeline.body === 'json' ? 'application/json' : 'multipart/form-data')
    const files: readonly string[] = pipeline.files.map((file) => file.name)
    for (const file of files) expect(schema.properties[file]).toMatchObject({ type: 'string', format: 'binary' })
    // A request with just the required fields is valid, and one that lacks any of them is not.
    const all = testJob(name, 'm').request
    const required = (schema.required ?? []).filter((field) => !files.includes(field))
    const least = Object.fromEntries(required.map((field) => [field, all[field]]))
    const read = readRequest(pipeline, least)
    for (const [field, value] of Object.entries(read))
      if (!required.includes(field) && field !== pipeline.modelField)
        expect(schema.properties[field]?.default).toEqual(value)
    for (const field of required) expect(() => readRequest(pipeline, { ...least, [field]: undefined })).toThrow(field)
  })

  it('is JSON, and says that language models stream', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
    expect(Object.keys(operation('llm').responses[200]?.content ?? {})).toEqual([
      'application/json',
      'text/event-stream',
    ])
    expect(operation('text-to-image').responses[503]).toBeDefined()
  })
})

it('descriptions of pipelines are plain data with a schema for each form', () => {
  const described = describePipelines()
  expect(JSON.parse(JSON.stringify(described))).toEqual(described)
  expect(described.find(({ name }) => name === 'text-to-image')).toMatchObject({
    ...{ capability: 27, unit: 'pixel', body: 'json' },
    request: {
      properties: { width: { type: 'integer', minimum: 64, maximum: 2048, default: 1024 } },
      required: ['prompt'],
    },
  })
})
