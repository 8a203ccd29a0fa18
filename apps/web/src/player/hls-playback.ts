import type Hls from 'hls.js'
import type { HlsConfig } from 'hls.js'
import { playOrWait } from './play-or-wait.ts'
import type { Playback, PlaybackOptions } from './playback.ts'
import { AUTO, masterUrl, type Pace, renditionOfUrl } from './qualities.ts'
import { Standstill } from './standstill.ts'

const RETRY_MS = 1_500
const DELAY_EVERY_MS = 1_000
const TOO_MANY_STALLS = 3
const STANDSTILL_MS = 10_000
const PACES: Readonly<Record<Pace, Partial<HlsConfig>>> = {
  // A player that fell behind plays a little faster until it is back.
  ll: { lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.5 },
  fmp4: { lowLatencyMode: false, liveSyncDurationCount: 2 },
}

/**
 * Plays by hls.js with low latency, and segment by segment once the picture has stood still too often, as on a machine that is too slow.
 * After an error that ends playing, or when the picture stands still for ten seconds, it starts anew, for ever, until it is stopped.
 */
export function hlsPlayback({ video, manifestId, quality, onState }: PlaybackOptions): Playback {
  let chosen = quality
  let pace: Pace = 'll'
  let stalls = 0
  let player: Hls | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  const applyChoice = () => {
    if (!player || player.levels.length === 0) return
    const level = chosen === AUTO ? -1 : player.levels.findIndex((l) => renditionOfUrl(l.uri) === chosen)
    // With low latency only those are named that come in parts; segment by segment there are all.
    if (level < 0 && chosen !== AUTO && pace === 'll') {
      pace = 'fmp4'
      return beginAgain(0)
    }
    player.nextLevel = level
  }

  const beginAgain = (afterMs: number) => {
    player?.destroy()
    player = undefined
    clearTimeout(retry)
    retry = setTimeout(() => void begin(), afterMs)
  }

  const begin = async () => {
    const { default: HlsPlayer } = await import('hls.js')
    if (stopped) return
    const hls = new HlsPlayer({
      ...PACES[pace],
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
    hls.on(HlsPlayer.Events.ERROR, (_, { fatal, type, details }) => {
      const stalled = details === HlsPlayer.ErrorDetails.BUFFER_STALLED_ERROR
      if (stalled && pace === 'll' && ++stalls >= TOO_MANY_STALLS) {
        pace = 'fmp4'
        return beginAgain(0)
      }
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
    hls.loadSource(masterUrl(manifestId, pace))
    hls.attachMedia(video)
  }

  const standstill = new Standstill(STANDSTILL_MS)
  const watch = setInterval(() => {
    if (standstill.stands(video, performance.now())) {
      pace = 'fmp4'
      onState({ phase: 'retrying' })
      beginAgain(0)
    }
    // The playlists say when each picture reached the gateway.
    const shownMs = player?.playingDate?.getTime()
    onState({ delayMs: shownMs === undefined || video.paused ? undefined : Math.max(0, Date.now() - shownMs) })
  }, DELAY_EVERY_MS)

  void begin()
  return {
    choose: (name) => {
      chosen = name
      applyChoice()
    },
    stop: () => {
      stopped = true
      clearTimeout(retry)
      clearInterval(watch)
      player?.destroy()
    },
  }
}

const retries = { maxNumRetry: 4, retryDelayMs: 500, maxRetryDelayMs: 2_000 }

const patient = {
  default: { maxTimeToFirstByteMs: 5_000, maxLoadTimeMs: 10_000, timeoutRetry: retries, errorRetry: retries },
}
