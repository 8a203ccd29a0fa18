import { type RefObject, useLayoutEffect, useState } from 'react'

/** The width of an element in CSS pixels, as it changes; 0 before it is known. */
export function useWidth(element: RefObject<Element | null>): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const target = element.current
    if (!target) return
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)))
    observer.observe(target)
    setWidth(Math.round(target.getBoundingClientRect().width))
    return () => observer.disconnect()
  }, [element])
  return width
}
