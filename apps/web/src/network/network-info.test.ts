import { expect, test } from 'vitest'
import { parseInfo } from './network-info.ts'

test('an answer with addresses is taken, and pays unless it says otherwise', () => {
  const answer = { rtmpUrl: 'rtmp://127.0.0.1:1935/live', gatewayUrl: 'http://127.0.0.1:9935', view: {} }
  expect(parseInfo(answer)).toEqual({ rtmpUrl: answer.rtmpUrl, gatewayUrl: answer.gatewayUrl, offchain: false })
  expect(parseInfo({ ...answer, offchain: true })?.offchain).toBe(true)
  expect(parseInfo({ ...answer, securePort: 8443 })).toMatchObject({ securePort: 8443, asksKey: false })
})

test('anything else is no answer', () => {
  for (const answer of [null, 'text', {}, { rtmpUrl: 1, gatewayUrl: 'x' }]) expect(parseInfo(answer)).toBeUndefined()
})
