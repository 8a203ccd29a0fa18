import { AUDIO, type Cell, CONTAINERS, NOT_IN_CONTAINER, nameOf, type Outcome, PLAYS, VIDEO } from './formats.ts'

const SIGNS: Readonly<Record<string, string>> = { [PLAYS]: 'plays', [NOT_IN_CONTAINER]: '–' }

/** The page that users read; `made` is its section on what comes out. */
export function formatsPage(outcomes: ReadonlyMap<string, Outcome>, made: string): string {
  const containers = Object.keys(CONTAINERS) as Cell['container'][]
  const table = (codecs: readonly string[]) =>
    [
      `| | ${containers.join(' | ')} |`,
      `|---|${containers.map(() => '---').join('|')}|`,
      ...codecs.map((codec) => {
        const signs = containers.map((container) => {
          const outcome = outcomes.get(nameOf({ container, codec: codec as Cell['codec'] })) ?? '?'
          return SIGNS[outcome] ?? outcome
        })
        return `| ${codec} | ${signs.join(' | ')} |`
      }),
    ].join('\n')
  return `# Formats

What goes in. \`npm run test:formats\` makes a file of every container and codec, sends it in, cuts it into segments and decodes them, and writes this page. "plays": every picture came out and decodes, with its sound. "–": the container does not take that codec.

## Pictures

${table(Object.keys(VIDEO))}

## Sound

${table(Object.keys(AUDIO))}

## What becomes of them

The network carries H.264 and AAC in MPEG-TS, which every orchestrator takes; HEVC too, from publishers by RTMP and SRT and from RTSP. These are copied. Everything else is decoded and encoded as H.264 and AAC in a process of its own on the gateway: the picture at its own size and rate in 8 bits and 4:2:0, with a key frame each 2 s; the sound in stereo at 48 kHz.

- **Turned pictures** (a phone held upright) are turned upright, which means encoding them.
- **Interlaced** pictures are made whole where they are encoded, and left as they are where they are copied.
- **10 bits and 4:2:2** stay where H.264 is copied; renditions are 8 bits and 4:2:0.
- **Several tracks**: the first picture, and the sound that the file marks as its default, else the first.
- **Captions** inside the pictures (CEA-608 and 708) stay in what is copied, and are written into renditions by workers with node-av. They are lost where the gateway encodes. Players get channel CC1 of CEA-608 as WebVTT, too ([playback](playback.md)).
- **Sound or picture alone** is a stream, too.

${made}
Doors and their flags: [ingest](ingest.md).
`
}

/** What the page says of each cell that goes in. */
export function outcomesOf(page: string): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>()
  let containers: string[] = []
  for (const line of page.slice(0, page.indexOf('## What comes out')).split('\n')) {
    const cells = line.split('|').map((text) => text.trim())
    if (line.startsWith('| | ')) containers = cells.slice(2, -1)
    else if (line.startsWith('| '))
      for (const [i, container] of containers.entries()) {
        const sign = cells[i + 2] ?? ''
        outcomes.set(`${container} ${cells[1]}`, sign === '–' ? NOT_IN_CONTAINER : sign)
      }
  }
  return outcomes
}
