import { expect, it } from 'vitest'
import { chunksOf, spokenWord } from './words.ts'

const SENTENCES = [
  [
    { text: 'how', start: 0.2, end: 0.4 },
    { text: 'much', start: 0.4, end: 0.9 },
  ],
  [{ text: 'more', start: 2, end: 2.5 }],
]

it('keeps words and drops pauses, noises and numbers of pronunciations', () => {
  expect(['<s>', '<sil>', '[NOISE]', '++BREATH++', 'the(2)', "don't"].map(spokenWord)).toEqual([
    ...[undefined, undefined, undefined, undefined],
    ...['the', "don't"],
  ])
})

it('makes chunks of sentences, of words, or none', () => {
  const sentences = [
    { timestamp: [0.2, 0.9], text: 'how much' },
    { timestamp: [2, 2.5], text: 'more' },
  ]
  expect(chunksOf(SENTENCES, 'true')).toEqual(sentences)
  expect(chunksOf(SENTENCES, 'sentence')).toEqual(sentences)
  expect(chunksOf(SENTENCES, 'word')).toHaveLength(3)
  expect(chunksOf(SENTENCES, 'false')).toEqual([])
})
