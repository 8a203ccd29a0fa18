import { expect, it } from 'vitest'
import { proxyTemplate } from './proxy-template.ts'

it('a template with the name in its path gives addresses, and knows them again', () => {
  const template = proxyTemplate('https://apps.example.com/run/{proxy}')
  expect(template.url('abc')).toBe('https://apps.example.com/run/abc')
  expect(template.match('apps.example.com', '/run/abc/v1/status')).toEqual({ name: 'abc', path: 'v1/status' })
  expect(template.match('apps.example.com', '/run/abc')).toEqual({ name: 'abc', path: '' })
  expect(template.match('apps.example.com', '/run/')).toBeUndefined()
  expect(template.match('other.example.com', '/run/abc')).toBeUndefined()
})

it('a template with the name in its host does, too', () => {
  const template = proxyTemplate('https://{proxy}.apps.example.com/proxy')
  expect(template.url('abc')).toBe('https://abc.apps.example.com/proxy')
  expect(template.match('ABC.apps.example.com:443', '/proxy/v1')).toEqual({ name: 'abc', path: 'v1' })
  expect(template.match('abc.apps.example.com', '/elsewhere')).toBeUndefined()
  expect(template.match('.apps.example.com', '/proxy')).toBeUndefined()
})

it.each([
  'https://example.com/run',
  'https://{proxy}.example.com/{proxy}',
  '/run/{proxy}',
  'ftp://example.com/{proxy}',
  'https://example.com/run/{proxy}/fixed',
  'https://example.com/run-{proxy}',
  'https://example.com/run/{proxy}?x',
])('%s is no template', (text) => expect(() => proxyTemplate(text)).toThrow(/-liveRunnerProxyUrl/))
