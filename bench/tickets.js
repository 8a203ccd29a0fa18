// Tickets: signatures by both curves, whole payments as an orchestrator takes them, payment headers.
import { keccak256 } from '@millrace/base'
import { curve, loadWasmCurve, recoverHashSigner, signHash } from '@millrace/base/node'
import { MemoryNonceTable } from '@millrace/payments'
import { decodePaymentHeader } from '@millrace/wire'
import { bound, rates, spread, summary, table } from './measure.js'
import { openPayments } from './payments.js'

/** Tickets that a segment of the default ladder carries on the laptop's network. */
const PER_SEGMENT = 5

export async function bench({ quick }) {
  const options = { rounds: 5, ms: quick ? 100 : 400 }
  const key = new Uint8Array(32).fill(3)
  const hash = keccak256(key)
  const signature = signHash(hash, key)
  const wasmCurve = await loadWasmCurve()
  const curves = curve.engine === 'native' ? { native: curve, wasm: wasmCurve } : { wasm: wasmCurve }
  if (curve.engine !== 'native') console.log('NOT RUN: the native curve, which does not load on this machine')
  const works = Object.fromEntries(
    Object.entries(curves).flatMap(([name, by]) => [
      [`verified, ${name} curve`, () => recoverHashSigner(hash, signature, by)],
      [`signed, ${name} curve`, () => signHash(hash, key, by)],
    ]),
  )
  const signatures = await rates(works, options)
  table(
    ['ticket signatures, one thread', 'a second, median (least to most) of 5'],
    Object.entries(signatures).map(([name, found]) => [name, spread(found, 0)]),
  )

  const { pay, taken } = openPayments(new MemoryNonceTable())
  // A nonce is taken once, so every payment is made before the clock starts.
  const count = quick ? 200 : 600
  const header = await pay(PER_SEGMENT)
  const received = []
  const made = []
  for (let round = 0; round < 5; round++) {
    const headers = []
    const making = performance.now()
    for (let i = 0; i < count; i++) headers.push(await pay(PER_SEGMENT))
    made.push((count * 1000) / (performance.now() - making))
    const began = performance.now()
    for (const one of headers) await taken(one)
    received.push((count * 1000) / (performance.now() - began))
  }
  const codec = await rates({ decode: () => decodePaymentHeader(header) }, options)
  console.log('')
  table(
    [`payments of ${PER_SEGMENT} tickets, one thread, ${curve.engine} curve`, 'a second, median (least to most) of 5'],
    [
      ['made: tickets signed, header written', spread(made, 0)],
      ['taken: header read, all checks, nonces in memory', spread(received, 0)],
      [`header read, ${header.length} characters`, spread(codec.decode, 0)],
    ],
  )
  bound(`a payment of ${PER_SEGMENT} tickets taken`, 1000 / summary(received).median, 2, 'ms')
}
