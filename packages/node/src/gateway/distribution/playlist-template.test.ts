import { expect, it } from 'vitest'
import { fillTemplate, playlistTemplate, withQuery } from './playlist-template.ts'

const LL = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-SKIP:SKIPPED-SEGMENTS=3
#EXT-X-MAP:URI="run-init-0.mp4"
#EXTINF:2.00000,
run-10.m4s
#EXT-X-GAP
#EXTINF:2.00000,
run-11.m4s
#EXT-X-PART:DURATION=0.20000,URI="run-12.0.m4s",INDEPENDENT=YES
#EXTINF:2.00000,
run-12.m4s
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="run-13.0.m4s"
#EXT-X-RENDITION-REPORT:URI="../360p0/ll.m3u8",LAST-MSN=12,LAST-PART=0
`

it('segments and parts are found with their numbers and sizes; initialisation segments stay', () => {
  const asked: string[] = []
  const template = playlistTemplate(LL, (uri) => {
    asked.push(uri)
    return 1_000
  })
  expect(template.segments).toEqual([
    { number: 10, bytes: 1_000 },
    { number: 11, bytes: 0 },
    { number: 12, bytes: 1_000 },
  ])
  expect(asked).toEqual(['run-10.m4s', 'run-12.m4s'])
  expect(template.bytesPerSecond).toBe(500)
  expect(fillTemplate(template, 'http://edge/x/', '?v=1').split('\n')).toEqual(
    LL.replace('\nrun-10', '\nhttp://edge/x/run-10')
      .replace('"run-12.0', '"http://edge/x/run-12.0')
      .replace('\nrun-12.m4s', '\nhttp://edge/x/run-12.m4s')
      .replace('"run-13.0', '"http://edge/x/run-13.0')
      .replace('ll.m3u8"', 'll.m3u8?v=1"')
      .split('\n'),
  )
  expect(fillTemplate(template, '', '')).toBe(LL)
})

it('what has an address of its own keeps it and costs nothing', () => {
  const text =
    '#EXTM3U\n#EXTINF:2.000,\nhttps://bucket.example.org/5.ts\n#EXTINF:2.000,\n/ipfs/bafy\n#EXTINF:2.000,\na/7.ts\n'
  const template = playlistTemplate(text, () => 10)
  expect(template.segments.map(({ bytes }) => bytes)).toEqual([0, 0, 10])
  expect(fillTemplate(template, 'http://edge/', '')).toBe(text.replace('\na/7', '\nhttp://edge/a/7'))
})

it('the multivariant playlist gives each viewer addresses of its own', () => {
  const master =
    '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",URI="audio/ll.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nsource/ll.m3u8\n'
  expect(withQuery(master, '?v=ff')).toBe(
    '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",URI="audio/ll.m3u8?v=ff"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nsource/ll.m3u8?v=ff\n',
  )
})
