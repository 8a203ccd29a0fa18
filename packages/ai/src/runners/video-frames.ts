import { PictureFilms } from '@millrace/media'
import { givenUp } from './server-client.ts'

/** An MP4 of pictures, at so many a second; made in a process of its own, since nobody knows what the pictures are. */
export async function videoOfFrames(
  pictures: readonly Uint8Array[],
  fps: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (signal.aborted) throw givenUp(signal)
  return PictureFilms.join(pictures, { fps, signal })
}

/** The pictures of an MP4 as PNG files. */
export async function framesOfVideo(video: Uint8Array, signal: AbortSignal): Promise<readonly Uint8Array[]> {
  if (signal.aborted) throw givenUp(signal)
  return PictureFilms.split(video, { signal })
}
