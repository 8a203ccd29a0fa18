import { expect, test } from 'vitest'
import { iceServersOf } from './ice-servers.ts'

test('servers are read with their names and passwords, and other links are left out', () => {
  const link =
    '<stun:a.example:3478>; rel="ice-server", <turn:b.example:3478?transport=udp>; rel="ice-server"; username="1:x, y"; credential="s;=/+"; credential-type="password", <https://c.example>; rel=next'
  expect(iceServersOf(link)).toEqual([
    { urls: 'stun:a.example:3478' },
    { urls: 'turn:b.example:3478?transport=udp', username: '1:x, y', credential: 's;=/+' },
  ])
})

test('without a header there are none', () => {
  expect([iceServersOf(null), iceServersOf('')]).toEqual([[], []])
})
