import { errorText } from '@millrace/base'
import { type Av, loadAv } from '../process/av.ts'
import { becomeMediaChild } from '../process/in-child.ts'
import { comparePictures } from './compare.ts'
import type { FromJudge, ToJudge } from './judge-messages.ts'

// What orchestrators deliver is decoded here and nowhere else: a picture that breaks the decoder breaks this process alone.

let av: Av | undefined

const send = becomeMediaChild<ToJudge>((message) => void judge(message)) as (message: FromJudge) => void

async function judge({ job, request }: ToJudge): Promise<void> {
  try {
    if (!av) throw new Error('the libraries are not loaded')
    const comparison = await comparePictures(av, request, () => send({ type: 'source', job }))
    send({ type: 'compared', job, comparison })
  } catch (error) {
    send({ type: 'failed', job, message: errorText(error) })
  }
}

loadAv().then(
  (loaded) => {
    av = loaded
    send({ type: 'ready' })
  },
  (error) => send({ type: 'unusable', message: errorText(error) }),
)
