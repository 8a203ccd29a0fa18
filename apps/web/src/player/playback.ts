import { hlsPlayback } from './hls-playback.ts'
import { nativePlayback } from './native-playback.ts'

/** How a player stands: `retrying` means that it could not go on and tries again by itself. */
export type PlaybackState = {
  readonly phase: 'loading' | 'playing' | 'retrying'
  /** The rendition that is shown now, and its size. */
  readonly rendition: string | undefined
  readonly width: number
  readonly height: number
  /** From the gateway to the screen, where the player can tell. */
  readonly delayMs?: number | undefined
}

export type PlaybackOptions = {
  readonly video: HTMLVideoElement
  readonly manifestId: string
  readonly quality: string
  readonly onState: (change: Partial<PlaybackState>) => void
}

/** A player of one live stream. */
export type Playback = {
  /** Shows this rendition from now on; `auto` leaves it to the player. */
  choose(quality: string): void
  stop(): void
}

/** Plays a live stream in the video element, by Media Source Extensions or, without them, by the browser's own HLS. */
export function startPlayback(options: PlaybackOptions): Playback {
  const { video, onState } = options
  const events = new AbortController()
  const { signal } = events
  video.addEventListener('resize', () => onState({ width: video.videoWidth, height: video.videoHeight }), { signal })
  video.addEventListener('playing', () => onState({ phase: 'playing' }), { signal })
  const playback = 'MediaSource' in window || 'ManagedMediaSource' in window ? hlsPlayback : nativePlayback
  const { choose, stop } = playback(options)
  return {
    choose,
    stop: () => {
      events.abort()
      stop()
      video.removeAttribute('src')
      video.load()
    },
  }
}
