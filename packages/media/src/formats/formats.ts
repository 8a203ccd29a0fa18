/** Containers of the matrix, by FFmpeg's name of their muxer and the ending of their files. */
export const CONTAINERS = {
  MP4: { format: 'mp4', ending: 'mp4' },
  MOV: { format: 'mov', ending: 'mov' },
  Matroska: { format: 'matroska', ending: 'mkv' },
  WebM: { format: 'webm', ending: 'webm' },
  FLV: { format: 'flv', ending: 'flv' },
  'MPEG-TS': { format: 'mpegts', ending: 'ts' },
} as const

export const VIDEO = { 'H.264': 'h264', HEVC: 'hevc', AV1: 'av1', VP9: 'vp9', VP8: 'vp8', 'MPEG-2': 'mpeg2' } as const
export const AUDIO = {
  AAC: 'aac',
  Opus: 'opus',
  MP3: 'mp3',
  Vorbis: 'vorbis',
  FLAC: 'flac',
  'AC-3': 'ac3',
  PCM: 'pcm',
} as const

export type Cell = {
  readonly container: keyof typeof CONTAINERS
  readonly codec: keyof typeof VIDEO | keyof typeof AUDIO
}

/** `plays`, `not in this container` where no such file can be made, or the code of the error. */
export type Outcome = string

export const PLAYS = 'plays'
export const NOT_IN_CONTAINER = 'not in this container'

/** FFmpeg writes these into a transport stream, as private data that says nothing of its codec and that nobody can read. */
export const isPrivate = ({ container, codec }: Cell): boolean =>
  container === 'MPEG-TS' && ['AV1', 'VP9', 'VP8', 'Vorbis', 'FLAC', 'PCM'].includes(codec)

export const allCells = (): Cell[] =>
  (Object.keys(CONTAINERS) as Cell['container'][]).flatMap((container) =>
    ([...Object.keys(VIDEO), ...Object.keys(AUDIO)] as Cell['codec'][]).map((codec) => ({ container, codec })),
  )

export const nameOf = ({ container, codec }: Cell): string => `${container} ${codec}`
