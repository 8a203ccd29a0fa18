import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFlags } from '../flags/read-flags.ts'
import { nodeConfigOf } from './node-config.ts'
import { rolesOf } from './roles-of.ts'

const CHAIN = ['-network', 'arbitrum-one-mainnet', '-ethUrl', 'https://rpc.example/key']
const UPSCALER = { pipeline: 'upscale', model_id: 'millrace/lanczos-x2', warm: true }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-ai-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function config(...args: string[]) {
  const flags = readFlags(args, {})
  return nodeConfigOf(rolesOf(undefined, flags), flags, { data: folder, node: folder })
}

function models(...entries: object[]): string {
  const path = join(folder, 'aiModels.json')
  writeFileSync(path, JSON.stringify(entries))
  return path
}

describe('-aiWorker', () => {
  it('alone is a worker of an orchestrator elsewhere, which does no transcoding', async () => {
    const { aiWorker, worker, network } = await config(
      ...['-aiWorker', '-aiModels', models(UPSCALER), '-orchAddr', 'o', '-orchSecret', 's', '-aiModelsDir', '/models'],
    )
    expect(network.kind).toBe('offchain')
    expect(worker).toBeUndefined()
    expect(aiWorker).toEqual({
      workerId: 'ai-worker',
      models: [{ pipeline: 'upscale', modelId: 'millrace/lanczos-x2', adapter: 'embedded', warm: true }],
      folder: '/models',
      orchestrator: { uri: 'https://o:8935', secret: 's' },
    })
  })

  it('beside an orchestrator works for it, at the prices of the models', async () => {
    const priced = { ...UPSCALER, price_per_unit: '5e-8ETH', pixels_per_unit: 10 }
    const { aiWorker, orchestrator } = await config(
      ...['-orchestrator', '-aiWorker', '-aiModels', models(priced), '-serviceAddr', 'o.example', '-pricePerUnit', '1'],
      ...CHAIN,
    )
    expect(aiWorker?.orchestrator).toBeUndefined()
    expect(orchestrator?.aiPrices).toEqual([
      { capability: 30, modelId: 'millrace/lanczos-x2', pricePerUnit: { num: 5_000_000_000n, den: 1n } },
    ])
  })

  it('beside -transcoder transcodes too', async () => {
    const { aiWorker, worker } = await config(
      ...['-transcoder', '-aiWorker', '-aiModels', 'upscale:millrace/lanczos-x2:false', '-orchAddr', 'o'],
      ...['-orchSecret', 's', '-aiRunnerAddr', '127.0.0.1:8000', '-aiRunnerToken', 'word'],
    )
    expect(worker?.orchestrator).toEqual({ uri: 'https://o:8935', secret: 's' })
    expect(aiWorker).toMatchObject({
      models: [{ warm: false }],
      runnerApi: { listen: { host: '127.0.0.1', port: 8000 }, token: 'word' },
    })
  })

  it('needs no orchestrator where a node of go-livepeer uses it as a container', async () => {
    const { aiWorker } = await config('-aiWorker', '-aiModels', models(UPSCALER), '-aiRunnerAddr', ':8000')
    expect(aiWorker).toHaveProperty('runnerApi')
    expect(aiWorker).not.toHaveProperty('orchestrator')
  })

  it.each([
    [['-aiWorker', '-orchAddr', 'o', '-orchSecret', 's'], 'flag_missing', 'aiModels'],
    [['-aiWorker', '-aiModels', '[{"pipeline":"dance","model_id":"m"}]'], 'ai_models_invalid', 'pipeline'],
    [['-aiWorker', '-aiModels', 'upscale:millrace/lanczos-x2:true'], 'flag_missing', 'join'],
  ])('%j is refused with %s', async (args, code, text) => {
    await expect(config(...args)).rejects.toEqual(
      expect.objectContaining({ code, message: expect.stringContaining(text) }),
    )
  })
})

it('a gateway takes AI jobs where it takes segments, but none by the word of a webhook', async () => {
  const gateway = ['-gateway', '-orchAddr', 'o']
  expect((await config(...gateway)).gateway?.ai).toEqual({ retryTimeoutMs: 2_000 })
  expect((await config(...gateway, '-aiProcessingRetryTimeout', '5s')).gateway?.ai).toEqual({ retryTimeoutMs: 5_000 })
  const open = [...gateway, '-httpAddr', '0.0.0.0:9935']
  expect((await config(...open)).gateway).not.toHaveProperty('ai')
  expect((await config(...open, '-authWebhookUrl', 'https://a.example/')).gateway).not.toHaveProperty('ai')
  expect((await config(...open, '-httpIngest')).gateway).toHaveProperty('ai')
})

it('a gateway takes go-livepeer’s flags for live AI, and none that would have it do nothing else', async () => {
  const gateway = ['-gateway', '-orchAddr', 'o']
  const args = [
    ...['-livePaymentInterval', '2s', '-liveOutSegmentTimeout', '10s', '-liveAIViewers', '5'],
    ...['-liveAIAuthWebhookUrl', 'https://a.example/', '-liveAIAuthApiKey', 'word'],
    ...[
      '-liveAIHeartbeatURL',
      'https://b.example/',
      '-liveAIHeartbeatHeaders',
      'x-key:k',
      '-liveAIHeartbeatInterval',
      '1s',
    ],
  ]
  expect((await config(...gateway, ...args)).gateway?.ai?.live).toEqual({
    ...{ paymentIntervalMs: 2_000, outSegmentTimeoutMs: 10_000, maxViewers: 5 },
    auth: { url: 'https://a.example/', apiKey: 'word' },
    heartbeat: { url: 'https://b.example/', headers: { 'x-key': 'k' }, intervalMs: 1_000 },
  })
  await expect(config(...gateway, '-livePaymentInterval', '0s')).rejects.toMatchObject({ code: 'bad_flag' })
})
