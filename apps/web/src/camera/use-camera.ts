import { useEffect, useState } from 'react'

export type Facing = 'user' | 'environment'

export type Camera =
  | { readonly kind: 'asking' }
  | { readonly kind: 'open'; readonly media: MediaStream }
  /** Pages that did not come by HTTPS are given no camera. */
  | { readonly kind: 'insecure' }
  | { readonly kind: 'denied'; readonly why: string }

const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } } as const

/** The camera that looks this way, with the microphone; the one before is closed when another is chosen. */
export function useCamera(facing: Facing): Camera {
  const [camera, setCamera] = useState<Camera>({ kind: 'asking' })
  useEffect(() => {
    let over = false
    let media: MediaStream | undefined
    const close = () => {
      for (const track of media?.getTracks() ?? []) track.stop()
    }
    const open = async () => {
      if (!navigator.mediaDevices) return setCamera({ kind: 'insecure' })
      try {
        media = await navigator.mediaDevices.getUserMedia({ video: { ...PICTURE, facingMode: facing }, audio: true })
        if (over) close()
        else setCamera({ kind: 'open', media })
      } catch (error) {
        if (!over) setCamera({ kind: 'denied', why: error instanceof Error ? error.message : String(error) })
      }
    }
    void open()
    return () => {
      over = true
      close()
    }
  }, [facing])
  return camera
}
