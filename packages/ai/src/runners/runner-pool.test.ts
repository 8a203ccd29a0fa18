import { ManualClock, silentLog } from '@millrace/base'
import { describe, expect, it } from 'vitest'
import { crashed, ScriptedRunner } from '../testing/scripted-runner.ts'
import type { AiJob, AiResult } from './runner.ts'
import { RunnerPool, type RunnerPoolOptions } from './runner-pool.ts'

const MODEL = 'test/one'
const job = (model = MODEL): AiJob => ({ requestId: 'r', request: { model_id: model }, files: {} })
const done: AiResult = { response: { text: 'done' }, files: [] }
const live = () => ({ signal: new AbortController().signal })
const turn = () => new Promise((resolve) => setImmediate(resolve))

function setUp(given: { warm?: boolean; capacity?: number; options?: RunnerPoolOptions; count?: number } = {}) {
  const { warm = true, capacity = 1, options = {}, count = 1 } = given
  const clock = new ManualClock()
  const runners = Array.from(
    { length: count },
    () => new ScriptedRunner({ pipeline: 'image-to-text', modelId: MODEL, capacity }),
  )
  let changes = 0
  const onChange = () => void changes++
  const entries = runners.map((runner) => ({ runner, warm }))
  const pool = new RunnerPool(entries, options, { log: silentLog, clock, onChange })
  const run = (of = job(), context: { signal: AbortSignal } = live()) => pool.run('image-to-text', of, context)
  return { clock, pool, run, runners, runner: runners[0] as ScriptedRunner, changes: () => changes }
}

async function started(given: Parameters<typeof setUp>[0] = {}) {
  const all = setUp(given)
  await all.pool.start()
  await all.pool.loaded()
  return all
}

describe('what is loaded', () => {
  it('a model that is kept warm is loaded at the start, another with its first job', async () => {
    const warm = await started()
    expect(warm.runner.loads).toBe(1)
    expect(warm.pool.describe()).toMatchObject([{ modelId: MODEL, warm: true, capacity: 1, inUse: 0, state: 'ready' }])
    const cold = await started({ warm: false })
    expect(cold.runner.loads).toBe(0)
    expect(cold.pool.describe()).toMatchObject([{ warm: false, capacity: 1, state: 'cold' }])
    const result = cold.run()
    await turn()
    expect(cold.runner.loads).toBe(1)
    cold.runner.jobs[0]?.finish(done)
    expect(await result).toEqual(done)
    expect(cold.pool.describe()).toMatchObject([{ warm: true, state: 'ready' }])
    await Promise.all([warm.pool.stop(), cold.pool.stop()])
    expect(cold.runner.unloads).toBe(1)
  })

  it('a model that is not kept warm is unloaded when nobody uses it', async () => {
    const { pool, run, runner, clock } = await started({ warm: false, options: { idleUnloadMs: 1_000 } })
    const result = run()
    await turn()
    await clock.advance(5_000)
    await pool.poll()
    expect(runner.unloads).toBe(0)
    runner.jobs[0]?.finish(done)
    await result
    await clock.advance(1_000)
    await pool.poll()
    expect(runner.unloads).toBe(1)
    expect(pool.describe()).toMatchObject([{ state: 'cold' }])
    await pool.stop()
  })

  it('a load that fails is told to the job and tried again after a pause', async () => {
    const { pool, run, runner, clock } = await started({ warm: false })
    runner.loadFault = new Error('no such weights')
    await expect(run()).rejects.toMatchObject({
      code: 'ai_no_capacity',
      message: expect.stringContaining('no such weights'),
    })
    runner.loadFault = undefined
    await expect(run()).rejects.toThrow('no such weights')
    expect(runner.loads).toBe(1)
    expect(pool.describe()).toMatchObject([{ capacity: 0, state: 'failed', fault: 'no such weights' }])
    await pool.poll()
    expect(pool.describe()).toMatchObject([{ capacity: 0 }])
    await clock.advance(2_000)
    await pool.poll()
    expect(pool.describe()).toMatchObject([{ capacity: 1, state: 'cold' }])
    const result = run()
    await turn()
    runner.jobs[0]?.finish(done)
    expect(await result).toEqual(done)
    expect(pool.describe()).toMatchObject([{ state: 'ready', fault: '' }])
    await pool.stop()
  })

  it('a job waits for a load only so long', async () => {
    const { pool, run, runner } = setUp({ options: { loadWaitMs: 20 } })
    let open = () => {}
    runner.loadGate = new Promise<void>((resolve) => {
      open = resolve
    })
    await pool.start()
    await expect(run()).rejects.toMatchObject({
      code: 'ai_no_capacity',
      message: expect.stringContaining('still loading'),
    })
    const waiting = run()
    open()
    await turn()
    await turn()
    runner.jobs[0]?.finish(done)
    expect(await waiting).toEqual(done)
    await pool.stop()
  })
})

describe('jobs', () => {
  it('are refused when a runner has as many as it takes', async () => {
    const { pool, run, runner } = await started({ capacity: 2 })
    const results = [run(), run()]
    await turn()
    expect(pool.describe()).toMatchObject([{ capacity: 2, inUse: 2 }])
    await expect(run()).rejects.toMatchObject({
      ...{ code: 'ai_no_capacity', retryable: true, message: expect.stringContaining('insufficient capacity') },
    })
    for (const one of runner.jobs) one.finish(done)
    await Promise.all(results)
    expect(pool.describe()).toMatchObject([{ inUse: 0 }])
    await pool.stop()
  })

  it('go to the runner that has least to do', async () => {
    const { pool, run, runners } = await started({ count: 2, capacity: 2 })
    const results = [run(), run()]
    await turn()
    expect(runners.map(({ jobs }) => jobs.length)).toEqual([1, 1])
    expect(pool.describe()).toMatchObject([{ capacity: 4, inUse: 2 }])
    for (const { jobs } of runners) jobs[0]?.finish(done)
    await Promise.all(results)
    await pool.stop()
  })

  it('for a model that nobody runs are told which there are and how to add one', async () => {
    const { pool, run } = await started()
    await expect(run(job('acme/other'))).rejects.toMatchObject({
      ...{ code: 'ai_no_runner', status: 503 },
      message: expect.stringMatching(
        /nobody here runs acme\/other .*test\/one.*"pipeline": "image-to-text".*-aiModels/,
      ),
    })
    await expect(pool.run('image-to-smell', job(), live())).rejects.toMatchObject({ code: 'ai_models_invalid' })
    await pool.stop()
  })

  it('end at their time limit, with their caller, and with the pool', async () => {
    const { pool, run } = await started({ capacity: 3, options: { jobTimeoutMs: 30 } })
    await expect(run()).rejects.toMatchObject({ code: 'ai_timed_out', status: 504 })
    const controller = new AbortController()
    const result = run(job(), controller)
    controller.abort(new Error('the client is gone'))
    await expect(result).rejects.toMatchObject({ code: 'ai_timed_out', cause: { message: 'the client is gone' } })
    const last = run()
    const stopped = expect(last).rejects.toMatchObject({ code: 'ai_no_capacity' })
    await pool.stop()
    await stopped
    await expect(run()).rejects.toMatchObject({ code: 'ai_no_capacity' })
  })
})

describe('watching over runners', () => {
  it('one that fails twice is unloaded and loaded again', async () => {
    const { pool, runner, clock } = await started()
    runner.state = 'ERROR'
    await pool.poll()
    expect(pool.describe()).toMatchObject([{ state: 'ready' }])
    await pool.poll()
    await turn()
    expect([runner.unloads, runner.loads]).toEqual([1, 2])
    runner.state = crashed()
    runner.loadFault = crashed()
    await pool.poll()
    await pool.poll()
    await turn()
    expect(pool.describe()).toMatchObject([{ state: 'failed', capacity: 0, fault: 'the runner broke off' }])
    runner.state = 'OK'
    runner.loadFault = undefined
    await pool.poll()
    expect(runner.loads).toBe(3)
    await clock.advance(60_000)
    await pool.poll()
    await turn()
    expect(pool.describe()).toMatchObject([{ state: 'ready', capacity: 1, fault: '' }])
    await pool.stop()
  })

  it('one that says LOADING gets no jobs, and is taken for broken after three minutes', async () => {
    const { pool, run, runner, clock } = await started()
    runner.state = 'LOADING'
    await pool.poll()
    expect(pool.describe()).toMatchObject([{ state: 'away', capacity: 0, warm: false }])
    await expect(run()).rejects.toMatchObject({ code: 'ai_no_capacity' })
    runner.state = 'IDLE'
    await pool.poll()
    expect(pool.describe()).toMatchObject([{ state: 'ready' }])
    runner.state = 'LOADING'
    await pool.poll()
    await clock.advance(179_000)
    await pool.poll()
    expect(runner.unloads).toBe(0)
    await clock.advance(1_000)
    await pool.poll()
    await turn()
    expect([runner.unloads, runner.loads]).toEqual([1, 2])
    await pool.stop()
  })

  it('one whose job failed is looked at at once', async () => {
    const { pool, run, runner, changes } = await started()
    const failing = run()
    await turn()
    runner.state = 'LOADING'
    const before = changes()
    runner.jobs[0]?.fail(crashed())
    await expect(failing).rejects.toMatchObject({ code: 'ai_runner_failed' })
    await turn()
    expect(pool.describe()).toMatchObject([{ state: 'away' }])
    expect(changes()).toBeGreaterThan(before)
    await pool.stop()
  })
})
