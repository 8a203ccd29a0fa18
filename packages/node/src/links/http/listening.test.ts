import { request } from 'node:https'
import { expect, it } from 'vitest'
import { openOrchestrator } from '../../orchestrator/orchestrator-fixture.ts'

it.each(['//', '/\\\\<', '//['])(
  'a path that is none (%s) is a bad request, not a fault of the orchestrator',
  async (path) => {
    await using orchestrator = await openOrchestrator()
    const status = await new Promise((resolve, reject) => {
      const options = { port: orchestrator.port(), path, method: 'POST', rejectUnauthorized: false }
      request(options, (response) => resolve(response.resume().statusCode))
        .once('error', reject)
        .end()
    })
    expect(status).toBe(400)
  },
)
