import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fact } from '../network-facts.fixture.ts'
import {
  addCapabilities,
  bitstringBits,
  bitstringWords,
  CAPABILITY,
  CAPABILITY_NAMES,
  type Capabilities,
  capabilitiesOf,
  capabilityBits,
  capabilityNumbers,
  capacityOf,
  codecCapabilities,
  codecsOf,
  DEFAULT_CAPABILITIES,
  includesCapabilities,
  incompatibility,
  isCompatible,
  jobCapabilities,
  LEGACY_CAPABILITIES,
  type ModelConstraint,
  meetsMinVersion,
  removeCapabilities,
} from './capabilities.ts'
import type { VideoProfile } from './video-profile.ts'

const words = (bits: bigint) => bitstringWords(bits).map(String)

describe('capability sets', () => {
  it('are written as 64-bit words, lowest first', () => {
    const { input, expected } = fact<number[][], string[][]>('cap-bitstring')
    expect(input.map((numbers) => words(capabilityBits(numbers)))).toEqual(expected)
  })

  it('of orchestrators are the ones upstream has', () => {
    const { input, expected } = fact<Record<string, number[]>, Record<string, string[]>>('default-caps')
    expect(words(DEFAULT_CAPABILITIES)).toEqual(expected.default)
    expect(words(LEGACY_CAPABILITIES)).toEqual(expected.legacy)
    expect(capabilityNumbers(DEFAULT_CAPABILITIES)).toEqual(input.default)
    expect(capabilityNumbers(LEGACY_CAPABILITIES)).toEqual(input.legacy)
  })

  it('survive the bit string', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(4095)), (numbers) => {
        const bits = capabilityBits(numbers)
        expect(bitstringBits(bitstringWords(bits))).toBe(bits)
        expect(capabilityNumbers(bits)).toEqual([...numbers].sort((a, b) => a - b))
      }),
    )
  })

  it('beyond 4096 capabilities are refused', () => {
    expect(() => capabilityBits([4096])).toThrow(expect.objectContaining({ code: 'invalid_capability' }))
    expect(() => bitstringBits(new Array(65).fill(1n))).toThrow(expect.objectContaining({ code: 'too_many_items' }))
  })

  it('have a name for each number but 13', () => {
    expect([...CAPABILITY_NAMES.keys()]).toEqual(Object.values(CAPABILITY))
    expect(CAPABILITY_NAMES.has(13)).toBe(false)
  })
})

describe('compatibility', () => {
  const gateway = (more: Partial<Capabilities> = {}) => capabilitiesOf(capabilityBits([0, 1, 12]), more)
  const orchestrator = (more: Partial<Capabilities> = {}) => capabilitiesOf(DEFAULT_CAPABILITIES, more)
  const model = (more: Partial<ModelConstraint> = {}): ModelConstraint => ({
    warm: false,
    capacity: 0,
    runnerVersion: '',
    capacityInUse: 0,
    ...more,
  })
  const constraints = (capability: number, id: string, wanted: ModelConstraint, minVersion = '') => ({
    minVersion,
    perCapability: new Map([[capability, { models: new Map([[id, wanted]]) }]]),
  })

  it('compares versions as upstream does', () => {
    const { input, expected } = fact<[string, string][], boolean[]>('min-version')
    expect(input.map(([min, version]) => meetsMinVersion(min, version))).toEqual(expected)
    expect(meetsMinVersion('0.9.1', '0.9.1-millrace.1')).toBe(true)
  })

  it('needs every wanted capability', () => {
    expect(isCompatible(gateway(), orchestrator())).toBe(true)
    const wanted = gateway({ bits: capabilityBits([0, 16, 300]) })
    expect(incompatibility(wanted, orchestrator())).toEqual({ reason: 'capabilities', missing: [16, 300] })
  })

  it('leaves out an orchestrator that does not say that it encodes the codec', () => {
    const job = (codec: VideoProfile['codec']) => jobCapabilities({ profiles: [{ format: 'mp4', codec, gopMs: 0 }] })
    const able = orchestrator({ bits: DEFAULT_CAPABILITIES | codecCapabilities(['h264', 'vp9', 'av1']) })
    for (const [codec, capability] of [
      ['vp9', 20],
      ['av1', 120],
    ] as const) {
      expect(incompatibility(job(codec), orchestrator())).toEqual({ reason: 'capabilities', missing: [capability] })
      expect(isCompatible(job(codec), undefined)).toBe(false)
      expect(isCompatible(job(codec), able)).toBe(true)
    }
    expect(isCompatible(gateway(), able)).toBe(true)
    expect(codecsOf(able.bits)).toEqual(['h264', 'vp9', 'av1'])
  })

  it('needs the gateway to have what the orchestrator demands', () => {
    const demanding = orchestrator({ mandatories: capabilityBits([CAPABILITY.authToken, CAPABILITY.mp4]) })
    expect(incompatibility(gateway(), demanding)).toEqual({ reason: 'mandatories', missing: [CAPABILITY.mp4] })
  })

  it('looks at the version first, then demands, then models, then capabilities', () => {
    const offered = orchestrator({
      version: '0.8.0',
      mandatories: capabilityBits([2]),
      constraints: constraints(27, 'b', model()),
    })
    const wanted = gateway({ bits: capabilityBits([16]), constraints: constraints(27, 'a', model(), '0.9.0') })
    expect(incompatibility(wanted, offered)?.reason).toBe('version')
    expect(incompatibility(wanted, { ...offered, version: '0.9.0-x' })?.reason).toBe('mandatories')
    expect(incompatibility(wanted, { ...offered, version: '0.9.0', mandatories: 0n })?.reason).toBe('constraints')
    const { constraints: _, ...open } = offered
    expect(incompatibility(wanted, { ...open, version: '1.0', mandatories: 0n })?.reason).toBe('capabilities')
  })

  it('needs a wanted model to be there, warm where that is asked, with a runner that is new enough', () => {
    const check = (wanted: ModelConstraint, offered: ModelConstraint, id = 'm') =>
      isCompatible(
        gateway({ constraints: constraints(27, 'm', wanted) }),
        orchestrator({ constraints: constraints(27, id, offered) }),
      )
    expect(check(model(), model())).toBe(true)
    expect(check(model(), model(), 'other')).toBe(false)
    expect(check(model({ warm: true }), model())).toBe(false)
    expect(check(model({ warm: true }), model({ warm: true }))).toBe(true)
    expect(check(model({ runnerVersion: '0.2.0' }), model({ runnerVersion: '0.1.9' }))).toBe(false)
    expect(check(model({ runnerVersion: '0.2.0' }), model({ runnerVersion: '0.2.1' }))).toBe(true)
  })

  it('holds an orchestrator that tells nothing to the legacy set', () => {
    expect(isCompatible(capabilitiesOf(capabilityBits([0, 11])), undefined)).toBe(true)
    expect(isCompatible(capabilitiesOf(capabilityBits([0, 12])), undefined)).toBe(false)
  })
})

describe('job capabilities', () => {
  const profile = (p: { fmt?: string; fpsDen?: number; profile?: string; gop?: number }) =>
    ({
      format: p.fmt === 'mp4' ? 'mp4' : 'mpegts',
      codec: 'h264',
      gopMs: p.gop ?? 0,
      ...(p.fpsDen !== undefined && { fpsDen: p.fpsDen }),
      ...(p.profile && { profile: p.profile as VideoProfile['profile'] & string }),
    }) as const

  it('are the ones upstream works out', () => {
    type Job = { profiles: Parameters<typeof profile>[0][]; os?: 's3'; verificationFreq?: number }
    const { input, expected } = fact<Job[], number[][]>('job-caps')
    const jobs = input.map((job) =>
      jobCapabilities({
        profiles: job.profiles.map(profile),
        ...(job.os && { storage: job.os }),
        ...(job.verificationFreq && { verificationFreq: job.verificationFreq }),
      }),
    )
    expect(jobs.map(({ bits }) => capabilityNumbers(bits))).toEqual(expected)
  })

  it('name the decoder of an input that is not plain H.264', () => {
    const of = (input: Parameters<typeof jobCapabilities>[0]['input'] & object) =>
      capabilityNumbers(jobCapabilities({ profiles: [], input }).bits)
    expect(of({ codec: 'h265' })).toEqual([12, 15])
    expect(of({ codec: 'h264', chroma: '444' })).toContain(21)
    expect(of({ codec: 'h264', chroma: '422', colorDepth: 10 })).toContain(24)
    expect(of({ codec: 'h264', colorDepth: 10 })).toContain(25)
  })

  it('name slicing only where segments may be sliced', () => {
    const sliced = jobCapabilities({ profiles: [], segmentSlicing: true }).bits
    expect(includesCapabilities(capabilityBits([CAPABILITY.segmentSlicing]), sliced)).toBe(true)
  })
})

it('workers add up, and what nobody has any more disappears', () => {
  const a = capabilitiesOf(capabilityBits([0, 1]), { capacities: new Map([[0, 2]]) })
  const b = capabilitiesOf(capabilityBits([1, 16]))
  const both = addCapabilities(addCapabilities(capabilitiesOf(0n), a), b)
  expect(capabilityNumbers(both.bits)).toEqual([0, 1, 16])
  expect([0, 1, 16].map((n) => capacityOf(both, n))).toEqual([2, 2, 1])
  const left = removeCapabilities(both, b)
  expect(capabilityNumbers(left.bits)).toEqual([0, 1])
  expect(removeCapabilities(left, a).bits).toBe(0n)
})
