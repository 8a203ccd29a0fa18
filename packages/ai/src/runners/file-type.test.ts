import { expect, it } from 'vitest'
import { testPicture, testRecording } from '../testing/jobs.ts'
import { typeOfFile } from './file-type.ts'
import { formBody } from './form-body.ts'

it.each([
  [testPicture().bytes, 'text/html', 'image/png'],
  [testRecording().bytes, 'application/octet-stream', 'audio/wav'],
  [Buffer.from('ID3\x04rest of it'), '', 'audio/mpeg'],
  [Buffer.from('fLaC\0\0\0\x22rest'), '', 'audio/flac'],
  [Buffer.from('OggS\0\x02rest of it'), '', 'audio/ogg'],
  [Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 1, 2, 3]), 'video/webm', 'audio/webm'],
  [Buffer.from('\0\0\0\x20ftypM4A '), '', 'audio/mp4'],
  [Buffer.from('who knows'), 'Audio/AAC', 'audio/aac'],
  [Buffer.from(''), 'a\r\nb: c', 'application/octet-stream'],
])('%j, told as %j, is %s', (bytes, told, type) => {
  expect(typeOfFile(bytes, told)).toBe(type)
})

it('a form names files after what they are, and takes no heads from strangers', async () => {
  const audio = { ...testRecording(), name: '"\r\nx', type: 'x"\r\nEvil: 1' }
  const { type, bytes } = formBody({ model: 'm', none: undefined }, { audio })
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData()
  expect([...form.keys()]).toEqual(['model', 'audio'])
  expect(form.get('audio')).toMatchObject({ name: 'audio.wav', type: 'audio/wav', size: audio.bytes.length })
  expect(Buffer.from(bytes).toString('latin1')).not.toContain('Evil')
})
