import type { NetworkView, NodeEvent } from '@millrace/wire'
import { type RefObject, useEffect, useRef } from 'react'
import { Animator } from './animator.ts'
import type { Layout } from './drawn.ts'
import { Choreography } from './moves.ts'

/** Tells of every single event with the view before it, until the returned function is called. */
export type ListenToEvents = (reader: (event: NodeEvent, before: NetworkView) => void) => () => void

/** Lets segments and tickets move as events tell; nothing moves for those who want no motion. */
export function useMoves(
  layers: { readonly below: RefObject<SVGGElement | null>; readonly above: RefObject<SVGGElement | null> },
  layout: Layout,
  listen: ListenToEvents,
): void {
  const { below, above } = layers
  const animator = useRef<Animator>(undefined)
  const latest = useRef(layout)
  useEffect(() => {
    latest.current = layout
    animator.current?.setLayout(layout)
  }, [layout])
  useEffect(() => {
    if (!below.current || !above.current) return
    const still = window.matchMedia('(prefers-reduced-motion: reduce)')
    const choreography = new Choreography()
    const running = new Animator({ below: below.current, above: above.current }, latest.current)
    animator.current = running
    const stop = listen((event, before) => {
      const moves = choreography.movesOf(event, before)
      if (!still.matches) for (const move of moves) running.add(move)
    })
    return () => {
      stop()
      running.clear()
      animator.current = undefined
    }
  }, [below, above, listen])
}
