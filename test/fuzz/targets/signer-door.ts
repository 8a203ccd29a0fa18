import { request as httpRequest } from 'node:http'
import { MillraceError, rational, silentLog } from '@millrace/base'
import { encodeGoJson, manifestId, type OrchestratorInfo } from '@millrace/wire'
import fc from 'fast-check'
import {
  encodePaymentOrder,
  encodeSegmentOrder,
  SIGNER_PATH,
} from '../../../packages/node/src/links/http/signer-messages.ts'
import { SignerServer } from '../../../packages/node/src/links/http/signer-server.ts'
import { openOrchestrator } from '../../../packages/node/src/orchestrator/orchestrator-fixture.ts'
import { openSigner } from '../../../packages/node/src/signer/signer-fixture.ts'
import { CODECS } from '../../../packages/wire/src/messages/codecs.fixture.ts'
import { Broken, type Target } from '../target.ts'

const WAIT_MS = 5_000
let port = 0

/** A signer of a paying gateway: an input is a path, a line break, and a body. */
export const signerTarget: Target = {
  name: 'signer-api',
  takesAll: true,
  open: async () => {
    const orchestrator = await openOrchestrator()
    const { signer } = openSigner(orchestrator)
    const server = new SignerServer({ host: '127.0.0.1', port: 0 }, { signer, log: silentLog })
    await server.start()
    port = server.port
    return async () => {
      await server.stop()
      await orchestrator[Symbol.asyncDispose]()
    }
  },
  samples: (seed) => {
    const infos = fc.sample(CODECS.OrchestratorInfo!.arbitrary, { numRuns: 5, seed }) as OrchestratorInfo[]
    const orders = infos.map((orchestrator) =>
      line(
        SIGNER_PATH.payment,
        encodePaymentOrder({
          orchestrator,
          manifestId: 'stream',
          type: '',
          inPixels: 1_000n,
          maxPrice: { price: rational(1300n), unit: 'pixels', currency: 'wei' },
        } as never),
      ),
    )
    const segment = {
      manifestId: manifestId('stream'),
      seq: 7,
      profiles: [],
      durationMs: 2_000,
      calcPerceptualHash: false,
      forceSessionReinit: false,
      hash: `0x${'12'.repeat(32)}` as const,
      storage: [],
      wantsCommitment: true,
    }
    const others = [
      line(SIGNER_PATH.segment, encodeSegmentOrder({ segment, state: undefined } as never)),
      line(SIGNER_PATH.identity, {}),
      Buffer.from(`${SIGNER_PATH.discover}?caps=live\n`),
    ]
    return [...orders, ...others]
  },
  words: [
    'null',
    '[]',
    '{}',
    '"__proto__":',
    '1e999',
    '-1',
    '""',
    '"state":',
    '"Orchestrator":',
    '\\u0000',
    '/healthz',
  ],
  take: async (input) => {
    const [path = '/', ...body] = Buffer.from(input).toString('latin1').split('\n')
    const { status, said } = await post(path.replace(/[^\x21-\x7e]/g, '').replace(/^(?!\/)/, '/'), body.join('\n'))
    // 503 is what a signer says that has its hands full, or no discovery.
    if (status >= 500 && status !== 503) throw new Broken(`it answered ${status}: ${said.slice(0, 300)}`)
  },
  isOwn: (error) => error instanceof MillraceError,
}

const line = (path: string, body: unknown): Uint8Array => Buffer.from(`${path}\n${encodeGoJson(body as never)}`)

function post(path: string, body: string): Promise<{ readonly status: number; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const method = path.startsWith(SIGNER_PATH.discover) ? 'GET' : 'POST'
    const asking = httpRequest({ port, path, method, timeout: WAIT_MS }, (response) => {
      let said = ''
      response.on('data', (chunk) => {
        said += chunk
      })
      response.once('close', () => resolve({ status: response.statusCode ?? 0, said }))
    })
    asking.once('timeout', () => asking.destroy(new Broken(`it did not answer within ${WAIT_MS} ms`)))
    asking.once('error', reject)
    asking.end(body)
  })
}
