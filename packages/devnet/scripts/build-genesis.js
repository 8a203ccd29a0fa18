#!/usr/bin/env node
// Builds the prepared network of the embedded chain anew; run it after a change of contracts or genesis values.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { buildGenesis } from '../dist/genesis/build-genesis.js'

const { state, controller } = await buildGenesis()
const folder = new URL('../genesis/', import.meta.url)
const packed = gzipSync(state, { level: 9 })
writeFileSync(new URL('devnet.json.gz', folder), packed)
const fingerprint = createHash('sha256').update(state).digest('hex').slice(0, 16)
writeFileSync(new URL('devnet.network.json', folder), `${JSON.stringify({ controller, fingerprint }, null, 2)}\n`)
console.log(`prepared network: ${state.length} bytes, ${packed.length} packed, controller ${controller}`)
