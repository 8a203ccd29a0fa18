import { DEFAULT_LADDER } from '@millrace/wire'
import { expect, it } from 'vitest'
import { linkSessions } from './link-sessions.ts'

it.each([
  // 5.65 Mb/s of renditions and 2.5 Mb/s of source for each.
  [{ upBps: 57e6, downBps: 1e9 }, 8],
  [{ upBps: 1e9, downBps: 25e6 }, 8],
  [{ upBps: 7e6, downBps: 1e9 }, 0],
])('%j carries %i sessions', (speed, sessions) => {
  expect(linkSessions(speed, DEFAULT_LADDER)).toBe(sessions)
})
