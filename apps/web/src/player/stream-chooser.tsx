import type { StreamView } from '@millrace/wire'
import { useId } from 'react'

type StreamChooserProps = {
  readonly streams: readonly StreamView[]
  readonly chosen: string
  readonly onChoose: (manifestId: string) => void
}

/** Chooses between several live streams; nothing while there is only one. */
export function StreamChooser({ streams, chosen, onChoose }: StreamChooserProps) {
  const id = useId()
  if (streams.length < 2) return null
  return (
    <p className="stream-chooser">
      <label htmlFor={id}>{streams.length} streams are live. Watch</label>
      <select id={id} value={chosen} onChange={(event) => onChoose(event.target.value)}>
        {streams.map(({ manifestId }) => (
          <option key={manifestId} value={manifestId}>
            {manifestId}
          </option>
        ))}
      </select>
    </p>
  )
}
