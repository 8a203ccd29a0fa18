import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StandIn } from '../testing/stand-in.ts'
import type { AiJob, AiResult, Runner } from './runner.ts'

/** A runner whose server a test may set against it. */
export type RunnerUnderTest = {
  openStandIn(): Promise<StandIn>
  runner(
    url: string,
    limits: { readonly maxAnswerBytes?: number; readonly timeoutMs?: number; readonly loadTimeoutMs?: number },
  ): Runner
  readonly job: AiJob
  readonly check: (result: AiResult) => void | Promise<void>
  /** A job that nobody could do. */
  readonly badJob: AiJob
}

/** What every runner promises, whoever runs it. */
export function runnerSuite(of: RunnerUnderTest): void {
  let standIn: StandIn
  const live = () => ({ signal: new AbortController().signal })
  const loaded = async (limits: Parameters<RunnerUnderTest['runner']>[1] = {}) => {
    const runner = of.runner(standIn.url, limits)
    await runner.load(live())
    return runner
  }

  beforeEach(async () => {
    standIn = await of.openStandIn()
  })
  afterEach(() => standIn.close())

  it('does a job', async () => {
    const runner = await loaded()
    expect(await runner.health()).toMatch(/^(OK|IDLE)$/)
    const result = await runner.run(of.job, live())
    await of.check(result)
    const names = result.files.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    await runner.unload()
  })

  it('says so when the request is at fault', async () => {
    const failure = (await loaded()).run(of.badJob, live())
    await expect(failure).rejects.toMatchObject({
      name: 'AiError',
      code: 'ai_bad_request',
      status: 400,
      retryable: false,
    })
  })

  it('waits for a server that loads, and gives up after a while', async () => {
    standIn.health = 'LOADING'
    const waiting = loaded({ loadTimeoutMs: 20_000 })
    setTimeout(() => {
      standIn.health = 'OK'
    }, 50)
    await waiting
    standIn.health = 'LOADING'
    await expect(loaded({ loadTimeoutMs: 1 })).rejects.toMatchObject({ code: 'ai_runner_failed', retryable: true })
  })

  for (const [behaviour, code] of [
    ['fail', 'ai_runner_failed'],
    ['crash', 'ai_runner_failed'],
    ['half', 'ai_runner_failed'],
    ['nonsense', 'ai_runner_failed'],
    ['busy', 'ai_no_capacity'],
  ] as const)
    it(`a server that does ${behaviour} is ${code}`, async () => {
      const runner = await loaded()
      standIn.behaviour = behaviour
      await expect(runner.run(of.job, live())).rejects.toMatchObject({ name: 'AiError', code })
      standIn.behaviour = 'well'
      await of.check(await runner.run(of.job, live()))
    })

  it('whatever the server answers is a result or an AiError', async () => {
    const runner = await loaded()
    standIn.behaviour = 'nonsense'
    const keys = [
      'images',
      'frames',
      'audio',
      'chunks',
      'text',
      'segments',
      'choices',
      'data',
      'usage',
      'error',
      'prompt_id',
    ]
    const inner = fc.oneof(
      fc.constantFrom(null, 0, '', 'x', [], [null], [[]], [[null]], [{}], {}, [{ url: 'data:image/png;base64,AA==' }]),
      fc.array(
        fc.dictionary(
          fc.constantFrom('url', 'seed', 'message', 'delta', 'b64_json', 'text', 'start', 'words'),
          fc.jsonValue(),
        ),
      ),
    )
    const answers = fc.oneof(
      fc.json(),
      fc.dictionary(fc.constantFrom(...keys), inner).map((value) => JSON.stringify(value)),
    )
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        standIn.nonsense = answer
        const failure = await runner.run(of.job, live()).catch((error) => error)
        if (failure instanceof Error) expect(failure).toMatchObject({ name: 'AiError' })
      }),
      { numRuns: 30 },
    )
  })

  it('says nothing of where the server is, nor its token', async () => {
    const runner = await loaded()
    standIn.behaviour = 'crash'
    const failure = (await runner.run(of.job, live()).catch((error) => error)) as Error
    expect(failure.message).not.toMatch(/127\.0\.0\.1|token-of-the-test/)
  })

  it('reads no more of an answer than it may', async () => {
    const runner = await loaded({ maxAnswerBytes: 1_000_000 })
    standIn.behaviour = 'oversize'
    const failure = runner.run(of.job, live())
    await expect(failure).rejects.toMatchObject({
      code: 'ai_runner_failed',
      message: expect.stringContaining('1000000'),
    })
  })

  describe('a server that hangs', () => {
    it('is given up when the job is', async () => {
      const runner = await loaded()
      standIn.behaviour = 'hang'
      const controller = new AbortController()
      const result = runner.run(of.job, controller)
      setTimeout(() => controller.abort(new Error('the client is gone')), 50)
      await expect(result).rejects.toMatchObject({ name: 'AiError', code: 'ai_timed_out' })
      await expect.poll(() => standIn.connections()).toBeLessThanOrEqual(1)
    })

    it('is given up after the time limit', async () => {
      const runner = await loaded({ timeoutMs: 100 })
      standIn.behaviour = 'hang'
      await expect(runner.run(of.job, live())).rejects.toMatchObject({ code: 'ai_timed_out', status: 504 })
    })
  })

  it('a server that is gone is told as failed', async () => {
    const runner = await loaded()
    await standIn.close()
    await expect(runner.run(of.job, live())).rejects.toMatchObject({ code: 'ai_runner_failed', retryable: true })
    expect(await runner.health().catch(() => 'ERROR')).toBe('ERROR')
  })
}
