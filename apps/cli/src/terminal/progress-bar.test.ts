import { describe, expect, it } from 'vitest'
import { ProgressBar } from './progress-bar.ts'

function openBar(isTTY: boolean) {
  const written: string[] = []
  return { written, bar: new ProgressBar({ isTTY, write: (text) => written.push(text) }) }
}

describe('a progress bar on a terminal', () => {
  it('is repainted in place, as long as the work is done', () => {
    const { bar, written } = openBar(true)
    for (const done of [0, 0.5, 1]) bar.show(done, 'clip.mp4')
    bar.end()
    expect(written).toEqual([
      `\r\x1b[2K${'░'.repeat(30)} 0 %  clip.mp4`,
      `\r\x1b[2K${'█'.repeat(15)}${'░'.repeat(15)} 50 %  clip.mp4`,
      `\r\x1b[2K${'█'.repeat(30)} 100 %  clip.mp4`,
      '\n',
    ])
  })

  it('says 100 % only when all is done, and stays within its width', () => {
    const { bar, written } = openBar(true)
    for (const done of [0.9999, 1.5, -1]) bar.show(done, '')
    expect(written.map((text) => /(\d+) %/.exec(text)?.[1])).toEqual(['99', '100', '0'])
    for (const text of written) expect(text.match(/[█░]/g)).toHaveLength(30)
  })
})

describe('progress elsewhere', () => {
  it('is a line every tenth', () => {
    const { bar, written } = openBar(false)
    for (let i = 0; i <= 100; i++) bar.show(i / 100, 'clip.mp4')
    bar.end()
    expect(written).toEqual(Array.from({ length: 11 }, (_, i) => `${i * 10} %  clip.mp4\n`))
  })
})
