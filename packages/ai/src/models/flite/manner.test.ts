import { describe, expect, it } from 'vitest'
import { mannerOf } from './manner.ts'

describe('the manner of a voice', () => {
  it('is a man at his own speed and pitch for the default description of the network', () => {
    const text = 'A male speaker delivers a slightly expressive and animated speech with a moderate speed and pitch.'
    expect(mannerOf(text)).toEqual({ voice: 'rms', stretch: 1, pitch: 1 })
  })

  it('follows the words for voice, speed and pitch', () => {
    expect(mannerOf('A woman who speaks very slowly')).toMatchObject({ voice: 'slt', stretch: 1.7, pitch: 1 })
    expect(mannerOf('A Scottish speaker, fast')).toMatchObject({ voice: 'awb', stretch: 0.8 })
    expect(mannerOf('Robotic, high-pitched')).toMatchObject({ voice: 'kal16', pitch: 1.12 })
    expect(mannerOf('A slightly deep voice').pitch).toBeCloseTo(0.95)
  })

  it('does not take "female" for "male" or a part of a word for the word', () => {
    expect(mannerOf('A female speaker').voice).toBe('slt')
    expect(mannerOf('A steadfast, highly praised male speaker')).toEqual({ voice: 'rms', stretch: 1, pitch: 1 })
  })
})
