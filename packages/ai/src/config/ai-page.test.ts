import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { silentLog } from '@millrace/base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLiveRunners } from '../live/open-live-runners.ts'
import { CATALOG } from '../models/catalog.ts'
import { pageTables, withTables } from '../pipelines/page-tables.ts'
import { PIPELINES } from '../pipelines/registry.ts'
import { AiRunner } from '../runners/ai-runner.ts'
import { PLACEHOLDERS } from '../runners/comfyui-workflow.ts'
import { openRunners } from '../runners/open-runners.ts'
import { RunnerPool } from '../runners/runner-pool.ts'
import { serveAiRunner } from '../runners/serve-ai-runner.ts'
import { openAiRunnerStandIn } from '../testing/ai-runner-stand-in.ts'
import { COMFYUI_WORKFLOWS } from '../testing/comfyui-stand-in.ts'
import { testPicture } from '../testing/jobs.ts'
import { ADAPTERS, parseAiModels } from './ai-models.ts'

const page = await readFile(fileURLToPath(new URL('../../../../docs/ai.md', import.meta.url)), 'utf8')
const blocks = (kind: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${kind}\n([\\s\\S]+?)\`\`\``, 'g'))].map(([, text]) => text as string)
const closing: (() => unknown)[] = []
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-ai-page-'))
  await writeFile(join(folder, 'boat.json'), JSON.stringify(COMFYUI_WORKFLOWS['text-to-image']))
  await writeFile(join(folder, 'picture.png'), testPicture().bytes)
})
afterAll(async () => {
  for (const close of closing) await close()
  await rm(folder, { recursive: true, force: true })
})

describe('docs/ai.md', () => {
  it('has the tables of the code: run node packages/ai/scripts/ai-page.js after a build', () => {
    const cards = CATALOG.map(({ card }) => card)
    expect(page).toBe(withTables(page, pageTables(PIPELINES, cards)))
  })

  it('its lines connect servers of every kind', async () => {
    const lines = blocks('json').filter((block) => block.startsWith('{ "pipeline"'))
    const { entries, warnings } = await parseAiModels(`[${lines.join(',')}]`, folder)
    expect(warnings).toEqual([])
    expect(new Set(entries.map(({ adapter }) => adapter))).toEqual(new Set(ADAPTERS))
    const live = openLiveRunners(entries, {}, { log: silentLog })
    expect(live.map(({ runner }) => runner.kind)).toEqual(['embedded', 'ai-runner'])
    expect(openRunners(entries)).toHaveLength(entries.length - live.length)
  })

  it('names every placeholder of a workflow', () => {
    for (const name of PLACEHOLDERS) expect(page).toContain(`\`{{${name}}}\``)
  })

  it('its requests get an answer', async () => {
    const offered = [
      ...[['text-to-speech', 'test/voice'] as const, ['llm', 'llama3.2'] as const, ['upscale', 'test/large'] as const],
    ]
    const standIns = await Promise.all(offered.map(([pipeline, modelId]) => openAiRunnerStandIn({ pipeline, modelId })))
    const entries = offered.map(([pipeline, modelId], i) => {
      const runner = new AiRunner({ pipeline, modelId, url: standIns[i]?.url ?? '' })
      return { runner, warm: true }
    })
    const pool = new RunnerPool(entries, {}, { log: silentLog })
    const server = createServer(serveAiRunner({}, { pool, log: silentLog }))
    closing.push(
      () => pool.stop(),
      () => server.close(),
      ...standIns.map(({ close }) => close),
    )
    await Promise.all([pool.start(), new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))])
    const [speech, words, larger, ...rest] = await Promise.all(
      blocks('sh')
        .filter(isRequest)
        .map((command) => shell(command, server)),
    )
    expect(rest).toEqual([])
    expect(JSON.parse(speech ?? '')).toMatchObject({ audio: { url: expect.stringMatching(/^data:audio\/wav/) } })
    expect(words).toContain('"content":"mills "')
    expect(words).toMatch(/\ndata: \[DONE\]\n\n$/)
    expect(JSON.parse(larger ?? '')).toMatchObject({ images: [{ url: expect.stringMatching(/^data:image\/png/) }] })
  })
})

const isRequest = (command: string): boolean => command.startsWith('curl ')

async function shell(command: string, server: Server): Promise<string> {
  const { port } = server.address() as AddressInfo
  const { stdout } = await promisify(execFile)('bash', ['-c', command.replaceAll(':9935', `:${port}`)], {
    cwd: folder,
    maxBuffer: 1e8,
    timeout: 20_000,
  })
  return stdout
}
