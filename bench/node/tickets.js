// Tickets on one core, from the sender's signature to the recipient's nonce table, by the curve that a node uses here.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keccak256 } from '@millrace/base'
import { curve, recoverHashSigner, signHash } from '@millrace/base/node'
import { openNodeStore, TicketNonceTable } from '@millrace/node'
import { MemoryNonceTable, recipientRandHash } from '@millrace/payments'
import { cpuRates, floor, spread, summary, table } from '../measure.js'
import { openPayments } from '../payments.js'

/** Tickets of a payment: what a segment carries on the laptop's network, and what a large one carries on the live one. */
const SIZES = [5, 50]
/** Payments that arrive together, one of each of so many streams: they wait for the disk once. */
const TOGETHER = 16

export async function bench({ quick }) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const store = openNodeStore(join(folder, 'store.sqlite'))
  try {
    const { pay, taken } = openPayments(new MemoryNonceTable())
    const durable = openPayments(new TicketNonceTable(store))
    const hash = keccak256(new Uint8Array(32).fill(3))
    const signature = signHash(hash, new Uint8Array(32).fill(3))
    const calls = quick ? 2_000 : 10_000
    const parts = await cpuRates(
      {
        recover: () => recoverHashSigner(hash, signature),
        keccak: () => keccak256(hash),
        randHash: () => recipientRandHash(12_345n),
      },
      { calls },
    )
    const payments = {}
    for (const size of SIZES) {
      const many = Math.ceil(calls / 4 / size / TOGETHER)
      const several = (make) => async () => {
        const headers = []
        for (let i = 0; i < TOGETHER; i++) headers.push(await make(size))
        return headers
      }
      const inTurn = (take) => async (headers) => {
        for (const header of headers) await take(header)
      }
      const found = await cpuRates(
        {
          made: async () => {
            for (let i = 0; i < TOGETHER; i++) await pay(size)
          },
          taken: { prepare: several(pay), run: inTurn(taken) },
          durable: { prepare: several(durable.pay), run: inTurn(durable.taken) },
          together: {
            prepare: several(durable.pay),
            run: (headers) => Promise.all(headers.map(durable.taken)),
          },
        },
        { calls: many },
      )
      for (const [name, values] of Object.entries(found))
        payments[`${name} ${size}`] = values.map((v) => v * size * TOGETHER)
    }
    const engine = `${curve.engine} curve, WebAssembly keccak`
    table(
      [`one core, ${engine}`, 'a second of processor time, median (least to most) of 5'],
      [
        ['signer recovered', spread(parts.recover, 0)],
        ['keccak-256 of 32 bytes', spread(parts.keccak, 0)],
        ['random-number hash', spread(parts.randHash, 0)],
        ...SIZES.flatMap((size) => [
          [`tickets made, ${size} a payment, with the header`, spread(payments[`made ${size}`], 0)],
          [`tickets taken, ${size} a payment, nonces in memory`, spread(payments[`taken ${size}`], 0)],
          [`the same, nonces on disk (SQLite, FULL)`, spread(payments[`durable ${size}`], 0)],
          [`the same, ${TOGETHER} payments arriving together`, spread(payments[`together ${size}`], 0)],
        ]),
      ],
    )
    if (curve.engine !== 'native') {
      console.log('NOT RUN: the bounds, which are stated for the native curve; it does not load on this machine')
      return
    }
    floor('signers recovered', summary(parts.recover).median, 12_000, 'a second')
    for (const size of SIZES) {
      floor(`tickets taken, ${size} a payment`, summary(payments[`taken ${size}`]).median, 8_000, 'a second')
      const together = summary(payments[`together ${size}`]).median
      floor(`the same, nonces on disk, ${TOGETHER} together`, together, 8_000, 'a second')
    }
  } finally {
    store.close()
    await rm(folder, { recursive: true, force: true })
  }
}
