import { useId } from 'react'
import { AUTO } from './qualities.ts'

type QualityMenuProps = {
  readonly names: readonly string[]
  readonly chosen: string
  readonly onChoose: (name: string) => void
}

/** One radio button for each quality, so that arrow keys move between them. */
export function QualityMenu({ names, chosen, onChoose }: QualityMenuProps) {
  const group = useId()
  return (
    <fieldset className="qualities">
      <legend>Quality</legend>
      {names.map((name) => (
        <label key={name} className="quality">
          <input type="radio" name={group} value={name} checked={name === chosen} onChange={() => onChoose(name)} />
          <span>{name === AUTO ? 'Auto' : name}</span>
        </label>
      ))}
    </fieldset>
  )
}
