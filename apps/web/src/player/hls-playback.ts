import type Hls from 'hls.js'
import { playOrWait } from './play-or-wait.ts'
import type { Playback, PlaybackOptions } from './playback.ts'
import { AUTO, masterUrl, renditionOfUrl } from './qualities.ts'

const RETRY_MS = 1_500

/** Plays by hls.js. After an error that ends playing it starts anew, for ever, until it is stopped. */
export function hlsPlayback({ video, manifestId, quality, onState }: PlaybackOptions): Playback {
  let chosen = quality
  let player: Hls | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  const applyChoice = () => {
    if (!player) return
    const level = chosen === AUTO ? -1 : player.levels.findIndex((l) => renditionOfUrl(l.uri) === chosen)
    player.nextLevel = level
  }

  const beginAgain = (afterMs: number) => {
    player?.destroy()
    player = undefined
    clearTimeout(retry)
    retry = setTimeout(() => void begin(), afterMs)
  }

  const begin = async () => {
    const { default: HlsPlayer } = await import('hls.js/light')
    if (stopped) return
    const hls = new HlsPlayer({
      liveSyncDurationCount: 2,
      liveDurationInfinity: true,
      backBufferLength: 20,
      // The first segments of a stream may take a while: playlists that are not there yet are asked for again.
      manifestLoadPolicy: patient,
      playlistLoadPolicy: patient,
    })
    player = hls
    hls.on(HlsPlayer.Events.MANIFEST_PARSED, () => {
      applyChoice()
      playOrWait(video)
    })
    hls.on(HlsPlayer.Events.LEVEL_SWITCHED, (_, { level }) => {
      const shown = hls.levels[level]
      if (shown) onState({ rendition: renditionOfUrl(shown.uri) })
    })
    let recovered = false
    hls.on(HlsPlayer.Events.ERROR, (_, { fatal, type }) => {
      if (!fatal) return
      if (type === HlsPlayer.ErrorTypes.MEDIA_ERROR && !recovered) {
        recovered = true
        hls.recoverMediaError()
        return
      }
      if (stopped) return
      onState({ phase: 'retrying' })
      beginAgain(RETRY_MS)
    })
    hls.loadSource(masterUrl(manifestId))
    hls.attachMedia(video)
  }

  void begin()
  return {
    choose: (name) => {
      chosen = name
      applyChoice()
    },
    stop: () => {
      stopped = true
      clearTimeout(retry)
      player?.destroy()
    },
  }
}

const retries = { maxNumRetry: 4, retryDelayMs: 500, maxRetryDelayMs: 2_000 }

const patient = {
  default: { maxTimeToFirstByteMs: 5_000, maxLoadTimeMs: 10_000, timeoutRetry: retries, errorRetry: retries },
}
