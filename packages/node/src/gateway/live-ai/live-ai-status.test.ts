import { expect, it } from 'vitest'
import { LiveAiStatus } from './live-ai-status.ts'

it('a status keeps what a runner tells only once, and what the gateway knows itself', () => {
  const status = new LiveAiStatus('https://g.example/whep')
  status.heard({ type: 'status', state: 'ONLINE', inference_status: { fps: 20, last_params: { a: 1 } } })
  status.heard({ type: 'error', message: 'no status' })
  status.heard({ type: 'status', state: 'DEGRADED_INPUT', inference_status: { fps: 10 } })
  status.failed('it was slow')
  status.set('swaps', 1)
  expect(JSON.parse(JSON.stringify(status))).toMatchObject({
    state: 'DEGRADED_INPUT',
    inference_status: { fps: 10, last_params: { a: 1 } },
    last_status_timestamp: expect.any(Number),
    gateway_status: { whep_url: 'https://g.example/whep', swaps: 1, error: { error_message: 'it was slow' } },
  })
})
