import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { readFlags } from '../flags/read-flags.ts'
import { nodeConfigOf } from './node-config.ts'
import { rolesOf } from './roles-of.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-ai-page-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
for (const [name, text] of [
  ['aiModels.json', '[{ "pipeline": "upscale", "model_id": "millrace/lanczos-x2", "warm": true }]'],
  ['secret.txt', 'of the orchestrator'],
  ['token.txt', 'of the container'],
] as const)
  writeFileSync(join(folder, name), text)

/** The commands of a page, as the shell would hand them on in a folder with those files. */
const commandsOf = (name: string) => {
  const page = readFileSync(fileURLToPath(new URL(`../../../../docs/${name}`, import.meta.url)), 'utf8')
  return [...page.matchAll(/```sh\nnpx millrace ([^`]+)```/g)].map(([, text]) =>
    (text as string)
      .trim()
      .split(/\s+/)
      .map((word) => word.replaceAll('"', ''))
      .map((word) => (/\.(json|txt)$/.test(word) ? join(folder, word) : word)),
  )
}
const configsOf = (name: string) =>
  Promise.all(
    commandsOf(name).map(async (args) => {
      const flags = readFlags(args, {})
      return nodeConfigOf(rolesOf(undefined, flags), flags, { data: folder, node: folder })
    }),
  )

it('the commands of docs/ai.md make an orchestrator with models, a worker of one, and a container', async () => {
  const configs = await configsOf('ai.md')
  const models = [{ pipeline: 'upscale', modelId: 'millrace/lanczos-x2', adapter: 'embedded', warm: true }]
  const orchestrator = { uri: 'https://orchestrator.example.org:8935', secret: 'of the orchestrator' }
  expect(configs).toMatchObject([
    { orchestrator: {}, aiWorker: { models } },
    { aiWorker: { models, orchestrator } },
    { aiWorker: { models, runnerApi: { listen: { host: '0.0.0.0', port: 8000 }, token: 'of the container' } } },
  ])
})

it('the command of docs/live-ai.md makes a gateway and an orchestrator with a live pipeline', async () => {
  const models = [
    { pipeline: 'live-video-to-video', modelId: 'millrace/live-matting', adapter: 'embedded', warm: true },
  ]
  expect(await configsOf('live-ai.md')).toMatchObject([{ gateway: { ai: {} }, orchestrator: {}, aiWorker: { models } }])
})
