/**
 * Names of the files of a rendition. They begin with the run of the stream, because a stream that comes back under its name counts from zero again,
 * and what caches keep for ever must never be another run's.
 */
export const segmentName = (run: string, seq: number): string => `${run}-${seq}.m4s`
export const partName = (run: string, seq: number, index: number): string => `${run}-${seq}.${index}.m4s`
export const initName = (run: string, index: number): string => `${run}-init-${index}.mp4`

export const captionName = (run: string, seq: number): string => `${run}-${seq}.vtt`

export type FileName =
  | { readonly kind: 'init'; readonly index: number }
  | { readonly kind: 'segment'; readonly seq: number }
  | { readonly kind: 'part'; readonly seq: number; readonly index: number }

const INIT = /^([0-9a-z]{1,12})-init-(\d{1,6})\.mp4$/
const MEDIA = /^([0-9a-z]{1,12})-(\d{1,15})(?:\.(\d{1,6}))?\.m4s$/

/** What a name of this run stands for; undefined for any other. */
export function parseName(run: string, name: string): FileName | undefined {
  const init = INIT.exec(name)
  if (init) return init[1] === run ? { kind: 'init', index: Number(init[2]) } : undefined
  const media = MEDIA.exec(name)
  if (!media || media[1] !== run) return undefined
  const seq = Number(media[2])
  return media[3] === undefined ? { kind: 'segment', seq } : { kind: 'part', seq, index: Number(media[3]) }
}

const CAPTIONS = /^([0-9a-z]{1,12})-(\d{1,15})\.vtt$/

/** The segment that a name of captions of this run stands for. */
export function parseCaptionName(run: string, name: string): number | undefined {
  const found = CAPTIONS.exec(name)
  return found?.[1] === run ? Number(found[2]) : undefined
}
