import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { llmStream } from './llm-answer.ts'
import { serverEvents } from './server-events.ts'

async function* chunks(text: string, cuts: readonly number[] = []): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  for (const [i, from] of at.entries()) yield bytes.subarray(from, at[i + 1] ?? bytes.length)
}

const read = async (text: string, cuts?: readonly number[]) => {
  const events: string[] = []
  for await (const event of serverEvents(chunks(text, cuts))) events.push(event)
  return events
}

describe('events of a server', () => {
  it.each([
    ['data: a\n\ndata: b\n\n', ['a', 'b']],
    ['data:a\r\n\r\ndata: [DONE]\r\n\r\n', ['a', '[DONE]']],
    [': ping\n\nevent: x\nid: 1\ndata: one\ndata: two\n\n', ['one\ntwo']],
    ['data: last', ['last']],
    ['data: é😀\n\n', ['é😀']],
    ['', []],
  ])('%j are %j, wherever the bytes are cut', async (text, expected) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(200), { maxLength: 6 }), async (cuts) => {
        expect(await read(text, cuts)).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  })

  it('one that never ends is refused', async () => {
    const endless = (async function* () {
      yield Buffer.from('data: ')
      for (;;) yield Buffer.alloc(1_000_000, 'x')
    })()
    const all = async () => {
      for await (const _ of serverEvents(endless));
    }
    await expect(all()).rejects.toMatchObject({ code: 'ai_runner_failed' })
  })
})

describe('a stream of words', () => {
  const chunk = (content: string, finish: string | null = null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`
  const stream = (text: string) => llmStream(chunks(text), 'test/model', () => {})

  it('that breaks off is no answer', async () => {
    await expect(stream(chunk('half'))).rejects.toMatchObject({ code: 'ai_runner_failed', retryable: true })
    await expect(stream(`${chunk('half')}data: [DONE]\n\n`)).rejects.toMatchObject({ code: 'ai_runner_failed' })
  })

  it('with an error in its middle has failed', async () => {
    const error = 'data: {"error": {"message": "out of memory"}}\n\n'
    await expect(stream(chunk('half') + error)).rejects.toThrow('out of memory')
    await expect(stream('data: <html>\n\n')).rejects.toMatchObject({ code: 'ai_runner_failed' })
  })

  it('is an answer without figures too', async () => {
    expect(await stream(chunk('a ') + chunk('b') + chunk('', 'length'))).toMatchObject({
      ...{ model: 'test/model', usage: { total_tokens: 2 } },
      choices: [{ finish_reason: 'length', message: { content: 'a b' } }],
    })
  })
})
