import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'millrace-interop-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function program(name: string, ...lines: readonly string[]): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${lines.join('\n')}\n`)
  chmodSync(path, 0o755)
  return path
}

function run(bin: string | undefined, ...args: readonly string[]): Promise<{ code: number | null; out: string }> {
  const { LIVEPEER_BIN: _, CI: __, ...env } = process.env
  const child = spawn(process.execPath, ['scripts/test-interop.js', ...args], {
    env: { ...env, ...(bin !== undefined && { LIVEPEER_BIN: bin }) },
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      out += chunk
    })
  return new Promise((done) => child.once('close', (code) => done({ code, out })))
}

describe('the runner of the pairings with go-livepeer', () => {
  it('says NOT RUN without the program, and shows every command line that it would run', async () => {
    const { code, out } = await run(undefined)
    expect(code).toBe(0)
    expect(out).toMatch(/^NOT RUN: .*LIVEPEER_BIN=/)
    for (const pair of ['gateway', 'orchestrator', 'worker', 'transcoder'])
      for (const chain of ['offchain', 'onchain']) expect(out).toContain(`\n${pair}-${chain}: `)
    expect(out.match(/\$LIVEPEER_BIN -/g)).toHaveLength(8)
    expect(out.match(/ {2}millrace -/g)).toHaveLength(12)
  })

  // This shows that the runner works and that our command lines are those of go-livepeer; it shows nothing about go-livepeer.
  it('passes a paid pairing with a remote worker when Millrace itself stands in for go-livepeer', async () => {
    const bin = program('stand-in', `exec '${process.execPath}' '${resolve('apps/cli/bin/millrace.js')}' "$@"`)
    const { code, out } = await run(bin, '--only', 'worker-onchain', '--segments', '2', '--json')
    expect(out).toContain('which calls itself 0.9.1-millrace')
    expect(out).toContain('2 segments in, 4 renditions out')
    const { results } = JSON.parse(out.trim().split('\n').at(-1) ?? '') as { results: readonly { tickets: number }[] }
    expect(results).toMatchObject([{ name: 'worker-onchain', ok: true }])
    expect(results[0]?.tickets).toBeGreaterThan(4)
    expect(code).toBe(0)
  }, 60_000)

  it('fails with the last words of a program that ends', async () => {
    const bin = program('broken', 'echo "Livepeer Node Version: 9.9.9"', 'echo "no such flag" >&2', 'exit 2')
    const { code, out } = await run(bin, '--only', 'gateway-offchain')
    expect(out).toContain('which calls itself 9.9.9')
    expect(out).toMatch(/FAILED {2}gateway-offchain.*\n.*the orchestrator \(theirs\) ended/)
    expect(out).toContain('no such flag')
    expect(out).toContain('0 of 1 pairings with 9.9.9 passed')
    expect(code).toBe(1)
  }, 60_000)
})
