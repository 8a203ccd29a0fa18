import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { Orchestrator, Transcoder } from './generated/lp_rpc_pb.ts'
import { TicketRedeemer } from './generated/redeemer_pb.ts'

it('the committed code is what the proto files give', () => {
  const out = mkdtempSync(join(tmpdir(), 'millrace-proto-'))
  try {
    execFileSync(process.execPath, [fileURLToPath(new URL('../../scripts/generate.js', import.meta.url)), out])
    const committed = fileURLToPath(new URL('./generated', import.meta.url))
    expect(readdirSync(out).sort()).toEqual(readdirSync(committed).sort())
    for (const file of readdirSync(out))
      expect(readFileSync(join(out, file), 'utf8')).toBe(readFileSync(join(committed, file), 'utf8'))
  } finally {
    rmSync(out, { recursive: true })
  }
})

it('the services have the names and kinds of upstream', () => {
  expect(Orchestrator.typeName).toBe('net.Orchestrator')
  expect(Orchestrator.methods.map(({ name }) => name)).toEqual(['GetOrchestrator', 'EndTranscodingSession', 'Ping'])
  expect(Transcoder.method.registerTranscoder.methodKind).toBe('server_streaming')
  expect(TicketRedeemer.typeName).toBe('net.TicketRedeemer')
  expect(TicketRedeemer.method.monitorMaxFloat.methodKind).toBe('server_streaming')
})
