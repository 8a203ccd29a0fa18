import { StreamFigures } from '../figures/stream-figures.tsx'
import { NothingLive } from '../player/nothing-live.tsx'
import { Player } from '../player/player.tsx'
import { StreamChooser } from '../player/stream-chooser.tsx'
import type { Home } from './use-home.ts'

/** The live picture beside what came in and went out of its stream. */
export function Watch({ home }: { readonly home: Home }) {
  const { shown, live, starts, choose, link, info, paying } = home
  if (!shown) return <NothingLive link={link} info={info} />
  const { manifestId } = shown
  return (
    <div className="watch">
      <div className="card picture">
        <StreamChooser streams={live} chosen={manifestId} onChoose={choose} />
        <Player key={manifestId} stream={shown} start={starts[manifestId] ?? 0} />
      </div>
      <div className="card">
        <h3>
          Stream <span className="stream-name">{manifestId}</span>
        </h3>
        <StreamFigures stream={shown} paying={paying} />
      </div>
    </div>
  )
}
