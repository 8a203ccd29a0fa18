import { expect, it } from 'vitest'
import { viewerMaster, viewerPlaylist } from './viewer-playlists.ts'

const LL = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-MAP:URI="run-init-0.mp4"
#EXTINF:2.00000,
run-11.m4s
#EXT-X-PART:DURATION=0.20000,URI="run-12.0.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="run-13.0.m4s"
#EXT-X-RENDITION-REPORT:URI="../360p0/ll.m3u8",LAST-MSN=12,LAST-PART=0
`

it('segments, parts and other playlists are asked for with the number of the viewer; initialisation segments without', () => {
  const pieces = viewerPlaylist(LL)
  expect(pieces.join('')).toBe(LL)
  expect(pieces.join('?v=1')).toBe(LL.replaceAll(/(\d\.m4s|ll\.m3u8)/g, '$1?v=1'))
  expect(pieces.join('?v=1')).toContain('URI="run-init-0.mp4"')
})

it('what has an address of its own keeps it', () => {
  const text =
    '#EXTM3U\n#EXTINF:2.000,\nhttps://bucket.example.org/5.ts\n#EXTINF:2.000,\n/ipfs/bafy\n#EXTINF:2.000,\na/7.ts\n'
  expect(viewerPlaylist(text).join('?v=1')).toBe(text.replace('a/7.ts', 'a/7.ts?v=1'))
})

it('the multivariant playlist gives each viewer addresses of its own', () => {
  const master =
    '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",URI="audio/ll.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nsource/ll.m3u8\n'
  expect(viewerMaster(master, '?v=ff')).toBe(master.replaceAll('ll.m3u8', 'll.m3u8?v=ff'))
})
