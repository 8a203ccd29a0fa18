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
  ['runners.json', '{ "runners": [] }'],
  ['secret.txt', 'of the orchestrator'],
  ['token.txt', 'of the container'],
] as const)
  writeFileSync(join(folder, name), text)

/** The commands of a page, as the shell would hand them on in a folder with those files, and what they make of the node. */
async function configsOf(page: string) {
  const text = readFileSync(fileURLToPath(new URL(`../../../../docs/${page}`, import.meta.url)), 'utf8')
  const commands = [...text.matchAll(/```sh\nnpx millrace ([^`]+)```/g)].map(([, command]) =>
    (command as string)
      .trim()
      .split(/\s+/)
      .map((word) => word.replaceAll('"', ''))
      .map((word) => (/\.(json|txt)$/.test(word) ? join(folder, word) : word)),
  )
  return Promise.all(
    commands.map(async (args) => {
      const flags = readFlags(args, {})
      return nodeConfigOf(rolesOf(undefined, flags), flags, { data: folder, node: folder })
    }),
  )
}

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

it('the command of docs/live-effects.md makes an orchestrator that sells live video', async () => {
  const models = [{ pipeline: 'live-video-to-video', modelId: 'millrace/effects', adapter: 'embedded', warm: true }]
  expect(await configsOf('live-effects.md')).toMatchObject([{ orchestrator: {}, aiWorker: { models } }])
})

it('the command of docs/any-compute.md makes an orchestrator with live runners, whose flags are checked', async () => {
  expect(await configsOf('any-compute.md')).toMatchObject([
    { orchestrator: { liveRunners: { document: '{ "runners": [] }' } }, worker: {} },
  ])
  const config = async (...args: string[]) => {
    const flags = readFlags(['-orchestrator', '-serviceAddr', 'o.example:8935', ...args], {})
    return (await nodeConfigOf(rolesOf(undefined, flags), flags, { data: folder, node: folder })).orchestrator
  }
  const dynamic = ['-useLiveRunners', '-orchSecret', 'x', '-liveRunnerAddr', 'http://inside:8935']
  expect((await config(...dynamic))?.liveRunners).toEqual({ runnerAddr: 'http://inside:8935' })
  expect((await config())?.liveRunners).toBeUndefined()
  for (const wrong of [
    ['-liveRunnerAddr', 'inside:8935'],
    ['-liveRunnerProxyUrl', 'https://example.com/run'],
    ['-liveRunnerConfig', '/no/such/file.json'],
    ['-liveRunnerConfig', join(folder, 'token.txt')],
  ])
    await expect(config('-useLiveRunners', ...wrong)).rejects.toMatchObject({ code: 'bad_flag' })
})

it('-livePaymentInterval and -liveAITrickleHostForRunner say how live video is sold, and are checked', async () => {
  const config = async (...args: string[]) => {
    const flags = readFlags(['-orchestrator', '-serviceAddr', 'o.example:8935', ...args], {})
    return nodeConfigOf(rolesOf(undefined, flags), flags, { data: folder, node: folder })
  }
  const { orchestrator } = await config('-livePaymentInterval', '2s', '-liveAITrickleHostForRunner', '10.0.0.1:8935')
  expect(orchestrator?.liveAi).toEqual({ paymentIntervalMs: 2_000, trickleHostForRunner: '10.0.0.1:8935' })
  expect((await config()).orchestrator?.liveAi).toBeUndefined()
  await expect(config('-livePaymentInterval', '1ms')).rejects.toMatchObject({ code: 'bad_flag' })
  await expect(config('-liveAITrickleHostForRunner', 'https://o/x')).rejects.toMatchObject({ code: 'bad_flag' })
})
