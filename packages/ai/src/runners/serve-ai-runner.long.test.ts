import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { silentLog } from '@millrace/base'
import { expect, it } from 'vitest'
import { testJob } from '../testing/jobs.ts'
import { sizeOfPicture } from '../testing/pictures.ts'
import { AiRunner } from './ai-runner.ts'
import { openRunners } from './open-runners.ts'
import { RunnerPool } from './runner-pool.ts'
import { serveAiRunner } from './serve-ai-runner.ts'

const modelId = 'millrace/lanczos-x2'
const live = () => ({ signal: new AbortController().signal })

it('an embedded model behind the API of containers does jobs of another worker, and is unloaded when nobody asks', async () => {
  const entry = { pipeline: 'upscale', modelId, adapter: 'embedded', warm: false, capacity: 2 } as const
  const voice = {
    pipeline: 'text-to-speech',
    modelId: 'millrace/flite-voice',
    adapter: 'embedded',
    warm: false,
  } as const
  const pool = new RunnerPool(openRunners([voice, entry]), { idleUnloadMs: 1 }, { log: silentLog })
  const server = createServer(serveAiRunner({ token: 'secret' }, { pool, log: silentLog }))
  await Promise.all([pool.start(), new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))])
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const far = new RunnerPool(
    [{ runner: new AiRunner({ pipeline: 'upscale', modelId, url, token: 'secret', capacity: 2 }), warm: true }],
    {},
    { log: silentLog },
  )
  try {
    await far.start()
    await far.loaded()
    expect(pool.describe()).toMatchObject([{ state: 'cold' }, { state: 'cold', warm: false, capacity: 2 }])
    const results = await Promise.all([1, 2].map(() => far.run('upscale', testJob('upscale', modelId), live())))
    for (const { files } of results)
      expect(files.map(({ bytes }) => sizeOfPicture(bytes))).toEqual([{ width: 128, height: 96 }])
    expect(pool.describe()).toMatchObject([
      { state: 'cold' },
      { state: 'ready', warm: true, inUse: 0, kind: 'embedded' },
    ])
    const broken = testJob('upscale', modelId)
    const image = {
      name: 'image',
      type: 'image/png',
      bytes: broken.files.image?.bytes.subarray(0, 60) ?? new Uint8Array(1),
    }
    await expect(far.run('upscale', { ...broken, files: { image } }, live())).rejects.toMatchObject({ name: 'AiError' })
    await expect(far.run('upscale', testJob('upscale', modelId), live())).resolves.toBeDefined()
    await new Promise((resolve) => setTimeout(resolve, 5))
    await pool.poll()
    expect(pool.describe()).toMatchObject([{ state: 'cold' }, { state: 'cold' }])
  } finally {
    await far.stop()
    await pool.stop()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}, 60_000)
