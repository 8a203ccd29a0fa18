import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtFile } from '@millrace/base/node'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { AiError } from '../../ai-error.ts'
import { catalogEntry } from '../../models/catalog.ts'
import { imageSize } from '../../pictures/image-size.ts'
import type { AiJob, LoadProgress } from '../runner.ts'
import { EmbeddedRunner, type EmbeddedRunnerOptions } from './embedded-runner.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-models-'))
const signal = AbortSignal.timeout(60_000)
const open: EmbeddedRunner[] = []

function troubled(options: EmbeddedRunnerOptions = {}, id = 'millrace/troubled'): EmbeddedRunner {
  const { card } = catalogEntry('millrace/lanczos-x2')!
  const module = builtFile(import.meta.url, './troubled-model-fixture.js')
  const runner = new EmbeddedRunner({ card: { ...card, id }, module }, { folder, stopWithinMs: 200, ...options })
  open.push(runner)
  return runner
}

const job = (prompt: string): AiJob => ({ requestId: 'r', request: { prompt }, files: {} })
const pidOf = async (runner: EmbeddedRunner) => Number((await runner.run(job('answer'), { signal })).response.text)
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: AiError) => error.code,
  )
const stateBecomes = (runner: EmbeddedRunner, state: string) =>
  expect.poll(() => runner.health(), { timeout: 10_000, interval: 20 }).toBe(state)

afterEach(() => Promise.all(open.splice(0).map((runner) => runner.unload())))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('embedded runner', () => {
  it('loads with progress, works in another process, and gives its memory back', async () => {
    const runner = troubled()
    const progress: LoadProgress[] = []
    expect(await runner.health()).toBe('IDLE')
    const loading = runner.load({ signal, onProgress: (told) => progress.push(told) })
    expect(await runner.health()).toBe('LOADING')
    await loading
    expect(await runner.health()).toBe('OK')
    expect(progress).toContainEqual({ what: 'getting ready', done: 1, total: 1 })
    expect(await pidOf(runner)).toBe(runner.pid)
    expect(runner.pid).not.toBe(process.pid)
    await runner.unload()
    expect(await runner.health()).toBe('IDLE')
    expect(runner.pid).toBe(undefined)
  })

  it('fails the job of a process that crashes, and works again in a new one', async () => {
    const runner = troubled()
    const first = await pidOf(runner)
    await expect(runner.run(job('crash'), { signal })).rejects.toMatchObject({
      code: 'ai_runner_failed',
      message: expect.stringContaining('SIGSEGV'),
    })
    expect(await runner.health()).toBe('ERROR')
    await runner.load({ signal })
    expect(await runner.health()).toBe('OK')
    expect(await pidOf(runner)).not.toBe(first)
  })

  it('ends a job that takes too long, also one that listens to nothing', async () => {
    const runner = troubled({ timeLimitMs: 200 })
    const first = await pidOf(runner)
    expect(await codeOf(runner.run(job('wait'), { signal }))).toBe('ai_timed_out')
    expect(await pidOf(runner)).toBe(first)
    expect(await codeOf(runner.run(job('hang'), { signal }))).toBe('ai_timed_out')
    expect(await pidOf(runner)).not.toBe(first)
  })

  it('answers a cancelled job at once, and takes the next when the process is free', async () => {
    const runner = troubled()
    const first = await pidOf(runner)
    const cancel = new AbortController()
    const hanging = runner.run(job('hang'), { signal: cancel.signal })
    const waiting = runner.run(job('wait'), { signal: cancel.signal })
    const next = pidOf(runner)
    const reason = new Error('the client went away')
    cancel.abort(reason)
    await expect(hanging).rejects.toBe(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(await next).not.toBe(first)
  })

  it('refuses a job when enough are waiting', async () => {
    const runner = troubled({ maxWaiting: 1 })
    const cancel = new AbortController()
    const jobs = [1, 2].map(() => runner.run(job('wait'), { signal: cancel.signal }).catch(() => {}))
    expect(await codeOf(runner.run(job('answer'), { signal }))).toBe('ai_no_capacity')
    cancel.abort()
    await Promise.all(jobs)
  })

  it('unloads when it has had nothing to do, and between jobs when it has grown', async () => {
    const runner = troubled({ idleUnloadMs: 100, maxResidentBytes: 150_000_000 })
    const first = await pidOf(runner)
    await stateBecomes(runner, 'IDLE')
    const [eater, after] = [runner.run(job('eat'), { signal }), pidOf(runner)]
    expect(Number((await eater).response.text)).not.toBe(first)
    expect(await after).not.toBe(Number((await eater).response.text))
  })

  it('says why a model cannot be loaded', async () => {
    const runner = troubled({}, 'millrace/unloadable')
    await expect(runner.run(job('answer'), { signal })).rejects.toMatchObject({
      code: 'ai_no_runner',
      status: 503,
      message: 'millrace/unloadable cannot be loaded: its weights are damaged',
    })
    expect(await runner.health()).toBe('ERROR')
  })

  it('makes a real picture larger, and refuses what is none', async () => {
    const runner = new EmbeddedRunner(catalogEntry('millrace/lanczos-x2')!, { folder })
    open.push(runner)
    const upscale = (bytes: Uint8Array) =>
      runner.run(
        { requestId: 'r', request: {}, files: { image: { name: 'in.png', type: 'image/png', bytes } } },
        { signal },
      )
    const gif = Buffer.from('R0lGODlhAwACAIAAAP8AAAAA/ywAAAAAAwACAAACA4RvUQA7', 'base64')
    const { response, files } = await upscale(gif)
    expect(response).toEqual({ images: [{ url: 'image.png', seed: 0, nsfw: false }] })
    expect(imageSize(files[0]!.bytes)).toEqual({ kind: 'png', width: 6, height: 4 })
    expect(await codeOf(upscale(files[0]!.bytes.subarray(0, 60)))).toBe('ai_bad_request')
    expect(await codeOf(upscale(Buffer.from('%PDF-1.7 and so on')))).toBe('ai_media_type')
    const bomb = Buffer.from(files[0]!.bytes)
    bomb.writeUInt32BE(60_000, 16)
    bomb.writeUInt32BE(60_000, 20)
    expect(await codeOf(upscale(bomb))).toBe('ai_too_large')
    expect(await runner.health()).toBe('OK')
  })
})
