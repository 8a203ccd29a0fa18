import type { ReactNode } from 'react'

type FigureProps = {
  /** The stable name by which tests find the figure. */
  readonly name: string
  readonly label: string
  /** The exact value. */
  readonly value: bigint | number | string
  /** The value as people read it. */
  readonly text: string
  readonly hint?: ReactNode
  readonly tone?: 'gold' | 'warn'
}

/** One figure with its label, inside a list of figures. */
export function Figure({ name, label, value, text, hint, tone }: FigureProps) {
  return (
    <div className={tone ? `figure ${tone}` : 'figure'}>
      <dt>{label}</dt>
      <dd>
        <Value name={name} value={value} text={text} />
        {hint && <small>{hint}</small>}
      </dd>
    </div>
  )
}

/** A figure without a label, for tables and sentences. */
export function Value({ name, value, text }: Pick<FigureProps, 'name' | 'value' | 'text'>) {
  return (
    <span data-figure={name} data-value={value.toString()}>
      {text}
    </span>
  )
}
