import { playOrWait } from './play-or-wait.ts'
import type { Playback, PlaybackOptions } from './playback.ts'
import { AUTO, masterUrl, renditionUrl } from './qualities.ts'

const RETRY_MS = 2_000

/** Plays by the browser's own HLS; a chosen rendition is played from its own playlist. */
export function nativePlayback({ video, manifestId, quality, onState }: PlaybackOptions): Playback {
  let chosen = quality
  let retry: ReturnType<typeof setTimeout> | undefined
  const events = new AbortController()
  const load = () => {
    clearTimeout(retry)
    video.src = chosen === AUTO ? masterUrl(manifestId) : renditionUrl(manifestId, chosen)
    onState({ rendition: chosen === AUTO ? undefined : chosen })
    playOrWait(video)
  }
  const tryAgain = () => {
    onState({ phase: 'retrying' })
    clearTimeout(retry)
    retry = setTimeout(load, RETRY_MS)
  }
  video.addEventListener('error', tryAgain, { signal: events.signal })
  video.addEventListener('ended', tryAgain, { signal: events.signal })
  load()
  return {
    choose: (name) => {
      chosen = name
      load()
    },
    stop: () => {
      events.abort()
      clearTimeout(retry)
    },
  }
}
