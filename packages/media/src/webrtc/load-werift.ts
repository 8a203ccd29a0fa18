import { MillraceError } from '@millrace/base'

export type Werift = typeof import('werift')

let loading: Promise<Werift> | undefined

/** The WebRTC library, loaded with the first session: a gateway without any pays nothing for it. Throws `no_webrtc`. */
export function loadWerift(): Promise<Werift> {
  loading ??= import('werift').catch((cause) => {
    loading = undefined
    throw new MillraceError('no_webrtc', 'WebRTC needs the package werift: run npm install in the project', { cause })
  })
  return loading
}
