import type * as AvConstants from 'node-av/constants'
import type * as AvLib from 'node-av/lib'

/** FFmpeg's libraries as node-av binds them. */
export type Av = typeof AvLib & { readonly constants: typeof AvConstants }

/** Loads the binding; only child processes call this, because native media code must never run in the main process. */
export async function loadAv(): Promise<Av> {
  const [lib, constants] = await Promise.all([import('node-av/lib'), import('node-av/constants')])
  lib.Log.setLevel(constants.AV_LOG_FATAL)
  return { ...lib, constants }
}

/** The text of a negative libav result. */
export const avError = (code: number): string =>
  ({
    [-541478725]: 'end of file',
    [-1094995529]: 'invalid data',
    [-22]: 'invalid argument',
    [-12]: 'out of memory',
    [-2]: 'no such file',
  })[code] ?? `libav error ${code}`

export const EAGAIN = -11
export const EOF = -541478725
