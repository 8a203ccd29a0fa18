import { spawnSync } from 'node:child_process'
import { describe } from 'vitest'
import { outputCodecsSuite } from './output-codecs.suite.ts'

const isThere = spawnSync('ffmpeg', ['-version']).status === 0
if (!isThere && process.env.CI !== 'true')
  console.log('NOT RUN: output codecs of the ffmpeg engine; get it with `apt-get install ffmpeg`')

describe.skipIf(!isThere && process.env.CI !== 'true')('output codecs of ffmpeg', () => outputCodecsSuite('ffmpeg'))
