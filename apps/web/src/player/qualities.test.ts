import { expect, test } from 'vitest'
import { masterUrl, qualityNames, renditionOfUrl, renditionUrl } from './qualities.ts'

test('a rendition is named by its playlist', () => {
  expect(renditionOfUrl('http://127.0.0.1:8080/cmaf/demo/720p0/ll.m3u8')).toBe('720p0')
  expect(renditionOfUrl('/cmaf/demo/source/ll.m3u8?_HLS_msn=1')).toBe('source')
})

test('a viewer may leave it to the player, or choose the source or a rendition', () => {
  expect(qualityNames(['720p0', '240p0'])).toEqual(['auto', 'source', '720p0', '240p0'])
})

test('names of streams are escaped in addresses', () => {
  expect(masterUrl('my stream')).toBe('/cmaf/my%20stream/ll.m3u8')
  expect(masterUrl('demo', 'fmp4')).toBe('/cmaf/demo/fmp4.m3u8')
  expect(renditionOfUrl(renditionUrl('demo', '720 p'))).toBe('720 p')
})
