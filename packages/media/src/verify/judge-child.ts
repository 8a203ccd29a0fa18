import { errorText } from '@millrace/base'
import { type Av, loadAv } from '../process/av.ts'
import { becomeMediaChild } from '../process/in-child.ts'
import { comparePictures } from './compare.ts'
import type { FromJudge, ToJudge } from './judge-messages.ts'
import { compareSignatures } from './signature/compare.ts'
import { signMedia } from './signature/sign-media.ts'

// What orchestrators deliver is decoded here and nowhere else: a picture that breaks the decoder breaks this process alone.

let av: Av | undefined

const send = becomeMediaChild<ToJudge>((message) => void judge(message)) as (message: FromJudge) => void

async function judge(message: ToJudge): Promise<void> {
  const { job } = message
  try {
    if (!av) throw new Error('the libraries are not loaded')
    if (message.type === 'match') {
      const first = signMedia(av, message.first)
      send({ type: 'source', job })
      send({ type: 'matched', job, match: compareSignatures(first, signMedia(av, message.second)) })
      return
    }
    const { request } = message
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
