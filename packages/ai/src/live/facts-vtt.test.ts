import { expect, it } from 'vitest'
import { factsVtt } from './facts-vtt.ts'

it('facts become cues that last until the next, with their JSON as text', () => {
  const facts = [
    { pts: 180_000, type: 'objects', objects: [] },
    { pts: 183_750, type: 'text', text: 'a --> b' },
  ]
  expect(factsVtt(facts, 90_000)).toBe(
    `WEBVTT

00:00:01.000 --> 00:00:01.042
{"type":"objects","objects":[]}

00:00:01.042 --> 00:00:02.042
{"type":"text","text":"a --\\u003e b"}
`,
  )
  expect(JSON.parse('{"text":"a --\\u003e b"}')).toEqual({ text: 'a --> b' })
})
