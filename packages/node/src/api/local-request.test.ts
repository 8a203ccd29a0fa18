import { expect, it } from 'vitest'
import { isLocalRequest, isOwnMachine } from './local-request.ts'

const from = (host: string, openTo?: string) =>
  isLocalRequest({ headers: { host } }, openTo === undefined ? {} : { openTo })

it('a port on loopback is asked by loopback names only', () => {
  for (const host of ['localhost:7935', '127.0.0.1', '[::1]:7935']) expect(from(host), host).toBe(true)
  for (const host of ['10.0.0.5:7935', 'orchestrator:7935', 'node.example', '']) expect(from(host), host).toBe(false)
})

it('a port that is open to a network is asked by addresses and names that nobody can register', () => {
  for (const host of ['10.0.0.5:7935', 'orchestrator:7935', '[fe80::1]:7935', 'localhost'])
    expect(from(host, '0.0.0.0'), host).toBe(true)
  for (const host of ['evil.example:7935', '10.0.0.5.evil.example', '']) expect(from(host, '0.0.0.0'), host).toBe(false)
  expect(from('node.example:7935', 'node.example')).toBe(true)
})

it('a connection of this machine is told from one of its network', () => {
  for (const address of ['127.0.0.1', '127.5.5.5', '::1', '::ffff:127.0.0.1'])
    expect(isOwnMachine(address), address).toBe(true)
  for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '::2', '::127.0.0.1', '', undefined])
    expect(isOwnMachine(address), address).toBe(false)
})
