import { expect, it } from 'vitest'
import { errorText, hasCode, MillraceError } from './errors.ts'

it('an error carries its code, what to do about it and what caused it', () => {
  const cause = new Error('below')
  const error = new MillraceError('some_code', 'what was wrong', { cause, retryable: true, meta: { port: 1 } })
  expect(error).toMatchObject({
    code: 'some_code',
    message: 'what was wrong',
    retryable: true,
    meta: { port: 1 },
    cause,
  })
  expect(error).toBeInstanceOf(Error)
  expect(new MillraceError('c', 'm')).toMatchObject({ retryable: false, meta: {} })
  expect('cause' in new MillraceError('c', 'm')).toBe(false)
})

it('a code is found among the causes, and nowhere else', () => {
  const deep = new MillraceError('outer', 'o', {
    cause: new Error('plain', { cause: new MillraceError('inner', 'i') }),
  })
  expect([hasCode(deep, 'outer'), hasCode(deep, 'inner'), hasCode(deep, 'other')]).toEqual([true, true, false])
  for (const value of [undefined, null, 'inner', { code: 'inner' }]) expect(hasCode(value, 'inner')).toBe(false)
})

it('causes that go in a circle end', () => {
  const a = new Error('a')
  a.cause = new Error('b', { cause: a })
  expect(hasCode(a, 'x')).toBe(false)
})

it('anything that was thrown has a text', () => {
  expect(errorText(new Error('sorry'))).toBe('sorry')
  expect(errorText(new TypeError(''))).toBe('TypeError')
  expect(['text', 5, null, undefined].map(errorText)).toEqual(['text', '5', 'null', 'undefined'])
})
