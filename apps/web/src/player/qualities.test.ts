import { expect, test } from 'vitest'
import { masterUrl, qualityNames, renditionOfUrl, renditionUrl } from './qualities.ts'

test('a rendition is named by its playlist', () => {
  expect(renditionOfUrl('http://127.0.0.1:8080/stream/demo/720p0.m3u8')).toBe('720p0')
  expect(renditionOfUrl('/stream/demo/source.m3u8?x=1')).toBe('source')
})

test('a viewer may leave it to the player, or choose the source or a rendition', () => {
  expect(qualityNames(['720p0', '240p0'])).toEqual(['auto', 'source', '720p0', '240p0'])
})

test('names of streams are escaped in addresses', () => {
  expect(masterUrl('my stream')).toBe('/hls/my%20stream.m3u8')
  expect(renditionOfUrl(renditionUrl('demo', '720 p'))).toBe('720 p')
})
