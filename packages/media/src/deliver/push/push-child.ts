import { errorText } from '@millrace/base'
import { loadAv } from '../../process/av.ts'
import { becomeMediaChild } from '../../process/in-child.ts'
import type { FromPush, ToPush } from './push-messages.ts'
import { PushOutput } from './push-output.ts'

// libavformat may wait for a server for ever; it does so in this process alone, which the parent kills.

let output: PushOutput | undefined
let work: Promise<void> = Promise.resolve()

const reply = becomeMediaChild<ToPush>((message) => {
  work = work
    .then(() => take(message))
    .catch((error) => {
      reply({ type: 'failed', reason: errorText(error) } satisfies FromPush)
    })
})

async function take(message: ToPush): Promise<void> {
  if (message.type === 'open') output = new PushOutput(await loadAv(), message.url)
  else if (message.type === 'segment') {
    await output?.send(message, () => reply({ type: 'live' } satisfies FromPush))
    reply({ type: 'sent' } satisfies FromPush)
  } else {
    await output?.end()
    reply({ type: 'ended' } satisfies FromPush)
  }
}
