import { toHex } from '@millrace/base'
import { describe, expect, it } from 'vitest'
import { fact } from '../network-facts.fixture.ts'
import { parseJsonProfiles, presetProfiles } from './jsonProfile.ts'
import { fullProfilesField, profileFromProto, profileId, profilesHash, profileToProto } from './profile.ts'
import { PROFILE_PRESETS } from './profile-presets.ts'
import { DEFAULT_LADDER, type VideoProfile } from './video-profile.ts'

const plain: VideoProfile = {
  name: 'p',
  width: 320,
  height: 240,
  bitrateBps: 500_000,
  fps: 30,
  format: 'mpegts',
  gopMs: 0,
  codec: 'h264',
}

describe('profiles', () => {
  it('enter the signature by four bytes of their name', () => {
    const { input, expected } = fact<string[], Record<string, string>>('preset-ids')
    for (const name of input) expect(expected[toHex(profileId(name)).slice(2)]).toBe(name)
  })

  it('become the numbers upstream sends', () => {
    type Row = { name: string; gop: number; fpsDen?: number; profile: string; chroma: number; colorDepth: number }
    const { expected } = fact<unknown, [Row, Row]>('net-profile')
    const first = profileToProto({
      ...plain,
      name: '',
      width: 123,
      height: 456,
      bitrateBps: 432_000,
      profile: 'main',
      gopMs: 123,
    })
    expect(first).toMatchObject({ name: expected[0].name, gop: 123, profile: 2, format: 0 })
    expect(first).toMatchObject({ chromaFormat: expected[0].chroma, colorDepth: expected[0].colorDepth })
    const second = profileToProto({ ...plain, fps: 876, fpsDen: 12, gopMs: -100, chroma: '444', colorDepth: 10 })
    expect(second).toMatchObject({ gop: expected[1].gop, fpsDen: 12, profile: 0 })
    expect(second).toMatchObject({ chromaFormat: expected[1].chroma, colorDepth: expected[1].colorDepth })
  })

  it('go into exactly one list, by the newest field that one of them needs', () => {
    type Row = { formats: string[]; fpsDen?: number; profile?: string; gopMs?: number }
    const { input, expected } = fact<Row[], string[]>('fullprofiles-field')
    const fields = input.map(({ formats, fpsDen, profile, gopMs }) =>
      fullProfilesField(
        formats.map((format) => ({
          ...plain,
          format: format === 'mp4' ? 'mp4' : 'mpegts',
          gopMs: gopMs ?? 0,
          ...(fpsDen && { fpsDen }),
          ...(profile && { profile: 'high' as const }),
        })),
      ),
    )
    expect(fields).toEqual(expected)
  })

  it('with unknown numbers are refused in upstream words', () => {
    const message = { ...profileToProto(plain), $typeName: 'net.VideoProfile' as const }
    const refuse = (more: object) => expect(() => profileFromProto({ ...message, ...more } as never))
    refuse({ format: 2 }).toThrow('unrecognized profile output format')
    refuse({ profile: 5 }).toThrow('unrecognized encoder profile')
    refuse({ encoder: 4 }).toThrow('unrecognized video codec')
    refuse({ profile: -1 }).toThrow('unrecognized encoder profile')
    refuse({ chromaFormat: 3 }).toThrow(expect.objectContaining({ code: 'unknown_enum_value' }))
    refuse({ width: -1 }).toThrow(expect.objectContaining({ code: 'invalid_profile' }))
  })

  it.each(['fps', 'fpsDen', 'quality'])(
    'with a number in %s that cannot be written again are refused when they are read',
    (field) => {
      const message = { ...profileToProto(plain), [field]: 0x80000000 }
      expect(() => profileFromProto(message as never)).toThrow(expect.objectContaining({ code: 'invalid_profile' }))
    },
  )

  it('hash differently when anything about them differs', () => {
    const variants: VideoProfile[] = [
      plain,
      { ...plain, name: 'q' },
      { ...plain, width: 322 },
      { ...plain, height: 242 },
      { ...plain, bitrateBps: 1 },
      { ...plain, fps: 60 },
      { ...plain, fpsDen: 2 },
      { ...plain, format: 'mp4' },
      { ...plain, profile: 'main' },
      { ...plain, gopMs: 1000 },
      { ...plain, gopMs: -1 },
      { ...plain, codec: 'h265' },
      { ...plain, colorDepth: 10 },
      { ...plain, chroma: '444' },
      { ...plain, quality: 20 },
    ]
    const hashes = [...variants.map((p) => [p]), [plain, plain], []].map((list) => toHex(profilesHash(list)))
    expect(new Set(hashes).size).toBe(hashes.length)
    expect(toHex(profilesHash(DEFAULT_LADDER))).toBe(toHex(profilesHash([...DEFAULT_LADDER])))
  })
})

describe('profiles in JSON', () => {
  it('are read as webhooks send them', () => {
    const [profile] = parseJsonProfiles([
      { name: 'hd', width: 1280, height: 720, bitrate: 3000000, fps: 30, fpsDen: 1, profile: 'H264High', gop: '2.5' },
    ])
    expect(profile).toEqual({
      name: 'hd',
      width: 1280,
      height: 720,
      bitrateBps: 3_000_000,
      fps: 30,
      fpsDen: 1,
      format: 'mpegts',
      profile: 'high',
      gopMs: 2500,
      codec: 'h264',
    })
  })

  it('have defaults for what is left out', () => {
    const [profile] = parseJsonProfiles([{ width: 1, height: 2, bitrate: 3, encoder: 'HEVC', gop: 'intra' }], 'mp4')
    expect(profile).toMatchObject({ name: 'custom_1x2_3', fps: 0, codec: 'h265', gopMs: -1, format: 'mp4' })
  })

  it('name codecs that MPEG-TS does not carry, and these are asked for in MP4', () => {
    const [vp9, av1] = parseJsonProfiles(
      ['VP9', 'AV1'].map((encoder) => ({ width: 640, height: 360, bitrate: 500_000, encoder })),
    )
    expect([vp9, av1]).toMatchObject([
      { codec: 'vp9', format: 'mp4' },
      { codec: 'av1', format: 'mp4' },
    ])
    const [ofVp9, ofAv1] = [vp9, av1].map((profile) => profileToProto(profile as VideoProfile))
    expect(ofVp9).toMatchObject({ encoder: 3, format: 1 })
    // Upstream's list ends with 3: whoever knows no more answers that the codec is not recognised.
    expect(ofAv1).toMatchObject({ encoder: 1000, format: 1 })
  })

  it('are refused with the place of the fault', () => {
    const refuse = (value: unknown) => expect(() => parseJsonProfiles(value))
    refuse({}).toThrow('profiles must be a list')
    refuse([null]).toThrow('profiles[0]')
    refuse([{}, { width: -1 }]).toThrow('profiles[1].width')
    refuse([{ width: 1.5 }]).toThrow('profiles[0].width')
    refuse([{ gop: '-1' }]).toThrow('profiles[0].gop')
    refuse([{ gop: '1e3' }]).toThrow('profiles[0].gop')
    refuse([{ encoder: 'H.266' }]).toThrow('H.264')
    refuse([{ encoder: 'constructor' }]).toThrow('H.264')
    refuse([{ quality: 64 }]).toThrow('quality')
    refuse([{ name: 5 }]).toThrow('name')
  })

  it('can be asked for by preset name', () => {
    expect(presetProfiles(['P240p30fps16x9', ' P360p30fps16x9 '], 'mp4')).toMatchObject([
      { width: 426, height: 240, bitrateBps: 600_000, fps: 30, format: 'mp4' },
      { width: 640, height: 360, bitrateBps: 1_200_000 },
    ])
    expect(() => presetProfiles(['P1p'])).toThrow('unknown preset')
    expect(PROFILE_PRESETS.size).toBe(13)
  })
})
