import {
  decodeDiscovery,
  decodeJobToken,
  encodeJobToken,
  readCapabilitySettings,
  readHeartbeat,
  readJobDetails,
  readJobHeader,
  readJobParameters,
  readStaticRunners,
  writeJobHeader,
} from '@millrace/ai'
import { MillraceError } from '@millrace/base'
import { Broken, type Target } from '../target.ts'

const isOwn = (error: unknown): boolean => error instanceof MillraceError
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const samples = (...all: readonly unknown[]) => all.map((value) => Buffer.from(JSON.stringify(value)))
const words = ['null', '{}', '[]', '-1', '1e999', '9223372036854775807', '"__proto__":{}', '\\u0000', '""', 'true']

const runner = {
  ...{ label: 'echo', routing: 'label', runner_url: 'http://127.0.0.1:8080', health_url: '/health', app: 'demo/echo' },
  ...{ mode: 'single-shot', capacity: 4, metadata: '{}', gpu: { id: '0' }, proxy: true },
  price_info: { price: '0.5', currency: 'usd', unit: 'hour' },
}
const hash = Buffer.alloc(32, 1).toString('base64')

/** What strangers send to the doors of other compute. */
export const computeTargets: readonly Target[] = [
  {
    name: 'compute-job-header',
    samples: () =>
      samples(
        { request: '{}', capability: 'x', timeout_seconds: 30 },
        {
          id: 'a',
          request: '{"stream_id":"a"}',
          parameters: '{"orchestrators":{"include":["https://a"]}}',
          capability: 'x',
          timeout_seconds: 1,
          sender: '0x00',
          sig: '0x00',
        },
      ),
    words,
    take: (input) => {
      const job = readJobHeader(Buffer.from(input).toString('base64'))
      readJobParameters(job)
      readJobDetails(job)
      const again = readJobHeader(writeJobHeader(job))
      if (JSON.stringify(again) !== JSON.stringify(job)) throw new Broken('a job came back as another')
    },
    isOwn,
  },
  {
    name: 'compute-job-token',
    samples: () =>
      samples({
        sender_address: { addr: '0x00', sig: '0x' },
        ticket_params: {
          ...{ recipient: Buffer.alloc(20, 1).toString('base64'), face_value: 'AQ==', win_prob: 'AQ==' },
          ...{ recipient_rand_hash: hash, seed: 'AQ==', expiration_block: 'AQ==' },
          expiration_params: { creation_round: 1, creation_round_block_hash: hash },
        },
        ...{ balance: 1, price: { pricePerUnit: 1, pixelsPerUnit: 1 }, service_addr: 'https://a' },
        available_capacity: 1,
      }),
    words,
    take: (input) => {
      const token = decodeJobToken(text(input))
      const again = decodeJobToken(encodeJobToken(token))
      if (again.balanceWei !== token.balanceWei || again.ticketParams?.faceValue !== token.ticketParams?.faceValue)
        throw new Broken('a token came back as another')
    },
    isOwn,
  },
  {
    name: 'compute-capability',
    samples: () =>
      samples({ name: 'x', url: 'http://a:1', capacity: 1, price_per_unit: 1, price_scaling: 1, currency: 'wei' }),
    words,
    take: (input) => {
      const { price } = readCapabilitySettings(text(input))
      if (price.num < 0n) throw new Broken('it would be paid for by its seller')
    },
    isOwn,
  },
  {
    name: 'compute-runners',
    samples: () => samples({ runners: [runner] }, { ...runner, runner_id: 'mine', status: 'ready' }),
    words,
    take: (input) => {
      const rules = { needsPrice: true }
      const read = text(input).includes('"runners"')
        ? readStaticRunners(text(input), rules)
        : [readHeartbeat(text(input), rules)]
      for (const { price, capacity } of read)
        if (!price || price.price.num <= 0n || capacity < 1) throw new Broken('an app for nothing')
    },
    isOwn,
  },
  {
    name: 'compute-discovery',
    samples: () =>
      samples([
        {
          address: 'https://a',
          runners: [
            {
              url: 'https://a/apps/x/app',
              app: 'x',
              capacity: 1,
              price_info: { price: 1, currency: 'wei', unit: 'fixed' },
            },
          ],
        },
      ]),
    words,
    take: (input) => {
      for (const { url, price } of decodeDiscovery(text(input)))
        if (!URL.canParse(url) || (price && price.wei < 0n)) throw new Broken('an app that nobody can call')
    },
    isOwn,
  },
]
