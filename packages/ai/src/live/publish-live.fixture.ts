import { setTimeout as sleep } from 'node:timers/promises'
import { type CodedFrame, muxTs } from '@millrace/media'
import type { TricklePublisher } from '../trickle/trickle-publisher.ts'

/** Publishes frames as they would come from a camera, a segment a key frame, and ends the channel. */
export async function publishLive(input: TricklePublisher, frames: readonly CodedFrame[]): Promise<void> {
  const began = performance.now()
  const first = frames[0]?.dts as number
  const counters = new Map<number, number>()
  const groups: CodedFrame[][] = []
  for (const frame of frames) {
    if (frame.kind === 'video' && frame.keyFrame) groups.push([])
    groups.at(-1)?.push(frame)
  }
  for (const group of groups) {
    await input.write(
      (async function* () {
        for (let at = 0; at < group.length; at += 4) {
          const some = group.slice(at, at + 4)
          await sleep(Math.max(0, began + ((some.at(-1)?.dts as number) - first) / 90 - performance.now()))
          yield muxTs(some, counters)
        }
      })(),
    )
  }
  await input.close()
}
