import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, MillraceError, silentLog } from '@millrace/base'
import { manifestId } from '@millrace/wire'
import type { Hasher } from '../segment/open-segment.ts'
import type { ClosedSegment } from '../segment/segment.ts'
import { segmentFrames } from '../segment/segmenter.ts'
import { openFileSource } from '../source/file.ts'
import { inspectSegment, type MediaFileOptions, makeMediaFile } from '../testing/index.ts'
import { AUDIO, type Cell, CONTAINERS, isPrivate, NOT_IN_CONTAINER, type Outcome, PLAYS, VIDEO } from './formats.ts'

const SECONDS = 1
const FPS = 25

/** The segments that a file becomes on its way in. */
export async function segmentsOf(path: string, hashing: Hasher): Promise<ClosedSegment[]> {
  const source = await openFileSource({ path, realtime: false }, { log: silentLog })
  const closed: ClosedSegment[] = []
  for await (const segment of segmentFrames(source.frames, { manifestId: manifestId('x') }, { hashing }))
    closed.push(await segment.closed)
  return closed
}

/** Makes a file of the cell, sends it in and decodes what comes out. */
export async function playCell(cell: Cell, folder: string, hashing: Hasher): Promise<Outcome> {
  if (isPrivate(cell)) return NOT_IN_CONTAINER
  const { format, ending } = CONTAINERS[cell.container]
  const path = join(folder, `${cell.container}-${cell.codec}.${ending}`)
  try {
    await makeMediaFile({ path, format, seconds: SECONDS, fps: FPS, ...codecsOf(cell) })
  } catch (error) {
    if (hasCode(error, 'publish_failed')) return NOT_IN_CONTAINER
    throw error
  }
  try {
    const segments = await segmentsOf(path, hashing)
    const frames = segments.reduce((sum, { videoFrames }) => sum + videoFrames, 0)
    const sounds = segments.reduce((sum, { audioFrames }) => sum + audioFrames, 0)
    if (frames !== SECONDS * FPS) return `${frames} of ${SECONDS * FPS} pictures`
    if (sounds < SECONDS * 40) return `${sounds} of ${SECONDS * 46} pieces of sound`
    let decoded = 0
    for (const { data } of segments) {
      const facts = await inspectSegment(data)
      decoded += facts.frames
      if (facts.decodeErrors > 0) return 'pictures that do not decode'
    }
    return decoded === frames ? PLAYS : `${decoded} of ${frames} pictures decode`
  } catch (error) {
    if (error instanceof MillraceError) return error.code
    throw error
  } finally {
    await rm(path, { force: true })
  }
}

function codecsOf({ container, codec }: Cell): Pick<MediaFileOptions, 'video' | 'audio'> {
  const video = VIDEO[codec as keyof typeof VIDEO]
  const audio = AUDIO[codec as keyof typeof AUDIO]
  // Beside the codec that is looked at stands one that every such container takes.
  const usual = container === 'WebM' ? { video: 'vp9', audio: 'opus' } : { video: 'h264', audio: 'aac' }
  const pcm = audio === 'pcm' && container === 'MOV' ? 'pcm_be' : audio
  return { ...usual, ...(video && { video }), ...(pcm && { audio: pcm }) }
}
