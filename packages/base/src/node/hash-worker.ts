import { parentPort } from 'node:worker_threads'
import { keccak256 } from '../keccak.ts'

parentPort?.on('message', ({ id, bytes }: { id: number; bytes: Uint8Array }) => {
  const hash = keccak256(bytes)
  parentPort?.postMessage({ id, hash })
})
