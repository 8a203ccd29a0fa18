import { type RefObject, useEffect, useRef, useState } from 'react'
import { type Playback, type PlaybackState, startPlayback } from './playback.ts'

const LOADING: PlaybackState = { phase: 'loading', rendition: undefined, width: 0, height: 0 }

/** Plays a stream in the video element as long as the component is shown; `start` grows when the stream began anew. */
export function usePlayback(
  video: RefObject<HTMLVideoElement | null>,
  stream: {
    readonly manifestId: string
    readonly start: number
    /** False before the first segment has all its renditions: nothing can be loaded yet. */
    readonly begun: boolean
    readonly quality: string
  },
): PlaybackState {
  const { manifestId, start, begun, quality } = stream
  const [state, setState] = useState(LOADING)
  const playback = useRef<Playback>(undefined)
  const wanted = useRef(quality)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a stream that began anew is loaded anew
  useEffect(() => {
    const element = video.current
    setState(LOADING)
    if (!element || !begun) return
    const onState = (change: Partial<PlaybackState>) => setState((before) => ({ ...before, ...change }))
    const running = startPlayback({ video: element, manifestId, quality: wanted.current, onState })
    playback.current = running
    return () => {
      playback.current = undefined
      running.stop()
    }
  }, [video, manifestId, start, begun])
  useEffect(() => {
    if (wanted.current === quality) return
    wanted.current = quality
    playback.current?.choose(quality)
  }, [quality])
  return state
}
