import { expect, it } from 'vitest'
import { failureOf } from './server-failure.ts'

it.each([
  [400, '{"detail":{"msg":"no such LoRA"}}', 'ai_bad_request', 'no such LoRA'],
  [400, '{"detail":"bad"}', 'ai_bad_request', 'bad'],
  [422, '{"detail":[{"loc":["body","image"],"msg":"Field required"}]}', 'ai_bad_request', 'image: Field required'],
  [413, 'Request Entity Too Large', 'ai_too_large', 'Request Entity Too Large'],
  [415, '', 'ai_media_type', 'it refused the request (415)'],
  [
    404,
    '{"error":{"message":"model \\"x\\" not found","type":"e"}}',
    'ai_runner_failed',
    'it failed (404): model "x" not found',
  ],
  [500, '<html><body>Internal</body></html>', 'ai_runner_failed', 'it failed (500)'],
  [500, '{"error":"CUDA"}', 'ai_runner_failed', 'it failed (500): CUDA'],
  [
    401,
    '{"detail":{"msg":"Invalid bearer token."}}',
    'ai_runner_failed',
    'it does not take our token (401): check the token of its entry',
  ],
  [
    503,
    '{"error":{"code":503,"message":"Loading model"}}',
    'ai_no_capacity',
    'insufficient capacity: it is busy or loading: Loading model',
  ],
  [429, '', 'ai_no_capacity', 'insufficient capacity: it is busy or loading'],
  [504, 'x'.repeat(10_000), 'ai_timed_out', `it failed (504): ${'x'.repeat(500)}`],
])('%i with %j is %s', (status, body, code, message) => {
  expect(failureOf(status, body, 'it')).toMatchObject({ code, message, meta: { status } })
})
