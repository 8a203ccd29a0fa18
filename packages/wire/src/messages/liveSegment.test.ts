import { concatBytes } from '@millrace/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CODECS } from './codecs.fixture.ts'
import { encodeLiveMessage, type LiveMessage, LiveMessageReader } from './liveSegment.ts'

const { arbitrary } = CODECS.LiveMessage!

describe('messages of a live segment', () => {
  it('come back as they were, however their bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(arbitrary as fc.Arbitrary<LiveMessage>, { maxLength: 6 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 60 })),
        (sent, cuts) => {
          const bytes = concatBytes(...sent.map(encodeLiveMessage))
          const reader = new LiveMessageReader()
          const got: LiveMessage[] = []
          for (let at = 0; at < bytes.length; ) {
            const next = at + cuts.next().value!
            got.push(...reader.push(bytes.slice(at, next)))
            at = next
          }
          expect(got).toEqual(sent)
          expect(reader.unfinished).toBe(false)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('throw nothing but the error of the codec when they are garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          new LiveMessageReader().push(bytes)
        } catch (error) {
          expect((error as Error).name).toBe('WireError')
        }
      }),
    )
  })

  it('are refused by their announced length before a byte of it is kept', () => {
    const head = Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff)
    expect(() => new LiveMessageReader().push(head)).toThrow(/at most/)
  })
})
