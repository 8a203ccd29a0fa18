import { expect, it } from 'vitest'
import { speakable } from './speakable.ts'

it('makes a text one that the voices can read', () => {
  expect(speakable('  Zoë’s café —\n“open”… ')).toBe('Zoe\'s cafe , "open"...')
  expect(speakable('5 €')).toBe('5 euros')
  expect(speakable('日本語\u0000\u0007')).toBe('')
})
