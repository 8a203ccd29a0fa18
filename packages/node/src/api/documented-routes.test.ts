import { readFileSync } from 'node:fs'
import { silentLog } from '@millrace/base'
import { nodeId } from '@millrace/wire'
import { expect, it } from 'vitest'
import { EventHub } from '../events/event-hub.ts'
import { operatorRoutes } from './operator-routes.ts'

it('the page about the API lists every path, and no other', () => {
  const page = readFileSync(new URL('../../../../docs/operating/api.md', import.meta.url), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('| `/'))
  const documented = rows.flatMap((row) => row.split('|')[1]!.match(/\/\w+(?:\/(?=<))?/g) ?? [])
  const context = { nodeId: nodeId('o'), version: '', hub: new EventHub(), tell: () => {}, log: silentLog }
  const routes = Object.keys(operatorRoutes({ ...context, chain: undefined, redeems: false, transcodes: false }))
  const ours = ['/healthz', '/readyz', '/view', '/events', '/metrics']
  expect(documented.toSorted()).toEqual([...routes, ...ours].sort())
})
