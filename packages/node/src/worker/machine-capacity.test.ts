import { type Log, silentLog } from '@millrace/base'
import { openMediaEngine } from '@millrace/media'
import { PROFILE_PRESETS } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { machineCapacity } from './machine-capacity.ts'

let opened: Awaited<ReturnType<typeof openMediaEngine>>
beforeAll(async () => {
  opened = await openMediaEngine({ preset: 'ultrafast' }, { log: silentLog })
})
afterAll(() => opened?.engine.close())

describe('the capacity of a worker', () => {
  const values = new Map<string, string>()
  const said: string[] = []
  const note = (text: string) => void said.push(text)
  const log: Log = { ...silentLog, info: note, warn: note }
  const kept = {
    get: (key: string) => values.get(key),
    set: (key: string, value: string) => void values.set(key, value),
  }
  const preset = 'ultrafast'
  const ladder = [PROFILE_PRESETS.get('P144p30fps16x9')!]
  const measure = async (options: { readonly preset?: string; readonly most?: number } = {}, now = 0) => {
    said.length = 0
    const sessions = await machineCapacity(
      { preset, ladder, most: 1, ...options },
      { engine: opened.engine, log, kept, now: () => now },
    )
    return { sessions, measured: said.includes('sessions at once, as measured') }
  }

  it('is measured with the engine once a day, and again for another preset, or where what was kept makes no sense', async () => {
    expect(await measure()).toEqual({ sessions: 1, measured: true })
    expect(await measure({}, 23 * 3_600_000)).toEqual({ sessions: 1, measured: false })
    expect(await measure({}, 25 * 3_600_000)).toEqual({ sessions: 1, measured: true })
    expect(await measure({ preset: 'superfast' }, 25 * 3_600_000)).toEqual({ sessions: 1, measured: true })
    values.set([...values.keys()][0]!, '{"sessions":')
    expect(await measure({}, 25 * 3_600_000)).toEqual({ sessions: 1, measured: true })
  }, 30_000)
})
