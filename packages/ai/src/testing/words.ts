import type { ServerResponse } from 'node:http'
import type { Behaviour } from './stand-in.ts'

const PAUSE_MS = 60

/** What a stand-in's language model says: that it heard the last message. */
export function replyTo(messages: unknown): string {
  const last = Array.isArray(messages) ? messages.at(-1) : undefined
  const { content } = (last ?? {}) as { content?: unknown }
  const text = Array.isArray(content) ? content.find((part) => part?.type === 'text')?.text : content
  return `You said: ${String(text)}`
}

/** Sends events word by word and then `[DONE]`. */
export async function streamWords(
  response: ServerResponse,
  behaviour: Behaviour,
  words: readonly string[],
  chunkOf: (word: string, last: boolean) => unknown,
  after: readonly unknown[] = [],
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  const send = (value: unknown) => response.write(`data: ${JSON.stringify(value)}\n\n`)
  for (const [i, word] of words.entries()) {
    if (response.destroyed) return
    send(chunkOf(word, false))
    if (behaviour === 'slow' && i < words.length - 1) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  send(chunkOf('', true))
  for (const value of after) send(value)
  response.end('data: [DONE]\n\n')
}

/** Words with the spaces behind them. */
export const wordsOf = (text: string): readonly string[] => text.match(/\S+\s*/g) ?? []
