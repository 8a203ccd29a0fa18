import type { Stream } from 'node-av/lib'

/** What a reader of packets must know of their track; a stream of FFmpeg's tells it, or whoever took the packets elsewhere. */
export type SourceTrack = Pick<Stream, 'index' | 'codecpar' | 'timeBase' | 'avgFrameRate'>
