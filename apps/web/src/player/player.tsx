import type { StreamView } from '@millrace/wire'
import { useRef, useState } from 'react'
import type { PlaybackState } from './playback.ts'
import { AUTO, qualityNames } from './qualities.ts'
import { QualityMenu } from './quality-menu.tsx'
import { usePlayback } from './use-playback.ts'

/** The picture of one live stream with its quality menu. */
export function Player({ stream, start }: { readonly stream: StreamView; readonly start: number }) {
  const [quality, setQuality] = useState(AUTO)
  const video = useRef<HTMLVideoElement>(null)
  const state = usePlayback(video, {
    manifestId: stream.manifestId,
    start,
    // The list of renditions is there once the first segment was transcoded, or stood in for.
    begun: stream.segmentsOut + stream.fallback > 0,
    quality,
  })
  return (
    <div className="player">
      <div className="player-screen">
        <video ref={video} muted playsInline autoPlay controls aria-label={`Live picture of ${stream.manifestId}`} />
        {state.phase !== 'playing' && <p className="player-note">{noteOf(state)}</p>}
      </div>
      <div className="player-bar">
        <QualityMenu names={qualityNames(Object.keys(stream.renditions))} chosen={quality} onChoose={setQuality} />
        <p className="player-shown" data-figure="quality-shown" data-value={state.rendition ?? ''} aria-live="polite">
          {shownText(state)}
        </p>
        {state.delayMs !== undefined && (
          <p className="player-delay" data-figure="delay" data-value={Math.round(state.delayMs)}>
            {`${(state.delayMs / 1_000).toFixed(1)} s behind`}
          </p>
        )}
      </div>
    </div>
  )
}

const noteOf = ({ phase }: PlaybackState): string =>
  phase === 'retrying' ? 'The picture stopped. Trying again …' : 'Loading the picture …'

function shownText({ rendition, width, height }: PlaybackState): string {
  const size = width > 0 ? `${width} × ${height}` : ''
  return [rendition ? `Showing ${rendition}` : '', size].filter(Boolean).join(', ')
}
