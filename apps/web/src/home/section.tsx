import type { ReactNode } from 'react'

type SectionProps = { readonly id: string; readonly title: string; readonly children: ReactNode }

/** A part of the page with its heading, as a landmark. */
export function Section({ id, title, children }: SectionProps) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </section>
  )
}
