import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeNodeConfig, encodeNodeConfig } from '@millrace/node'
import { afterAll, expect, it } from 'vitest'
import { readFlags } from '../flags/read-flags.ts'
import { nodeConfigOf } from './node-config.ts'
import { rolesOf } from './roles-of.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-distribution-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function config(args: readonly string[]) {
  const flags = readFlags([...args], {})
  const made = await nodeConfigOf(rolesOf(undefined, flags), flags, { data: folder, node: folder })
  const path = join(folder, 'node.json')
  writeFileSync(path, encodeNodeConfig(made))
  const { gateway, orchestrator } = decodeNodeConfig(path)
  expect(gateway?.distribution).toEqual(made.gateway?.distribution)
  expect(orchestrator?.distribution).toEqual(made.orchestrator?.distribution)
  return made
}

/** The commands of the page, as the shell would hand them on. */
const page = readFileSync(fileURLToPath(new URL('../../../../docs/distribution.md', import.meta.url)), 'utf8')
const [forGateways = [], forOrchestrators = []] = [...page.matchAll(/```sh\nnpx millrace ([^`]+)```/g)].map(
  ([, text]) => (text as string).replaceAll('\\\n', ' ').trim().split(/\s+/),
)

it('the commands of the page make a gateway and an orchestrator', async () => {
  const { gateway } = await config(forGateways)
  expect(gateway?.distribution).toEqual({
    edges: 2,
    maxBytesPerMinute: 10e9,
    maxBytesPerStream: 10e12,
    maxPricePerByte: { num: 1n, den: 100_000_000_000n },
    maxPriceCurrency: 'USD',
  })
  const { orchestrator } = await config(forOrchestrators)
  expect(orchestrator?.distribution).toEqual({
    listen: { host: '0.0.0.0', port: 443 },
    viewerUrl: 'https://edge.example.org',
    tls: { certFile: 'cert.pem', keyFile: 'key.pem' },
    pricePerByte: { num: 1n, den: 200_000_000_000n },
    currency: 'USD',
    cacheBytes: 512e6,
  })
})

it('without the flags nobody is served by anybody else', async () => {
  expect((await config(['-gateway', '-orchAddr', 'o.example'])).gateway).not.toHaveProperty('distribution')
  expect((await config(['-orchestrator'])).orchestrator).not.toHaveProperty('distribution')
})

const GATEWAY = ['-gateway', '-orchAddr', 'o.example', '-distributeBy']
const ORCHESTRATOR = ['-orchestrator', '-distribute']
it.each([
  ['flag_missing', 'distributeFrom', [...GATEWAY, 'orchestrators', '-httpAddr', ':9935']],
  ['bad_flag', 'distributeBy', [...GATEWAY, 'everybody']],
  ['bad_flag', 'distributeFrom', [...GATEWAY, 'orchestrators', '-distributeFrom', 'http://a/path']],
  ['bad_flag', 'maxDistributePerMinute', [...GATEWAY, 'orchestrators', '-maxDistributePerMinute', '0']],
  ['bad_flag', 'maxPricePerGigabyte', [...GATEWAY, 'orchestrators', '-maxPricePerGigabyte', '1USD']],
  ['flag_missing', 'distributeUrl', [...ORCHESTRATOR, '-distributeAddr', ':443']],
  ['flag_missing', 'distributeKey', [...ORCHESTRATOR, '-distributeCert', 'cert.pem']],
  ['bad_flag', 'pricePerGigabyte', [...ORCHESTRATOR, '-pricePerGigabyte', 'free']],
])('%s names %s', async (code, flag, args) => {
  await expect(config(args)).rejects.toMatchObject({ code, message: expect.stringContaining(flag) })
})
