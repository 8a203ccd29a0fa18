import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '@millrace/base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFlags } from './read-flags.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-flags-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const read = (...args: string[]) => readFlags(args, {})
const failure = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) })

describe('a command line', () => {
  it.each([
    ['-orchAddr=a:1'],
    ['--orchAddr=a:1'],
    ['-orchAddr', 'a:1'],
    ['--orchAddr', 'a:1'],
    ['--orch-addr', 'a:1'],
    ['-orchaddr', 'a:1'],
    ['-orchAddr', 'b:2', '-orchAddr', 'a:1'],
  ])('%s %s names an orchestrator', (...args) => {
    expect(read(...args).text('orchAddr')).toBe('a:1')
  })

  it.each([
    [['-reward'], true],
    [['-reward=true'], true],
    [['-reward=false'], false],
    [['--reward=F'], false],
    [['-reward=0'], false],
    [[], true],
  ])('%j switches', (args, on) => {
    expect(read(...args).switch('reward')).toBe(on)
  })

  it('keeps = and dashes of a value', () => {
    expect(read('-ethUrl=https://rpc/?a=b').text('ethUrl')).toBe('https://rpc/?a=b')
    expect(read('-ethPassword', '-secret-').text('ethPassword')).toBe('-secret-')
  })

  it.each([
    ['-broadcaster', 'gateway'],
    ['-datadir=/x', 'dataDir'],
    ['-pricePerBroadcaster={}', 'pricePerGateway'],
  ] as const)('%s is the old name of -%s', (old, name) => {
    expect(read(old).isSet(name)).toBe(true)
  })

  it.each([
    [['-gatway'], 'unknown_flag', 'did you mean -gateway?'],
    [['--orch-adr=x'], 'unknown_flag', 'did you mean -orchAddr?'],
    [['-maxPricePerUnits=1'], 'unknown_flag', 'did you mean -maxPricePerUnit?'],
    [['-somethingElseAltogether'], 'unknown_flag', 'see -help'],
    [['orchestrator'], 'bad_flag', 'is no flag'],
    [['-orchAddr'], 'bad_flag', 'needs a value'],
    [['-orchAddr', '-gateway'], 'bad_flag', '-orchAddr needs a value'],
    [['-reward', 'false'], 'bad_flag', 'write -reward=false'],
    [['-reward=maybe'], 'bad_flag', 'true or false'],
    [['-maxAttempts=x'], 'bad_flag', 'whole number'],
    [['-selectRandFreq=-1'], 'bad_flag', 'a number from 0'],
    [['-transactionTimeout=5'], 'bad_flag', '1m30s'],
  ])('%j is refused', (args, code, message) => {
    expect(() => read(...args)).toThrow(failure(code, message))
  })

  it.each([
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['5m0s', 300_000],
    ['0', 0],
  ])('reads the duration %s', (text, ms) => {
    expect(read('-transactionTimeout', text).durationMs('transactionTimeout')).toBe(ms)
  })

  it.each([
    ['8000000000', 8_000_000_000n],
    ['1e18', 10n ** 18n],
    ['1.5e3', 1500n],
    ['123456789012345678901234567890', 123456789012345678901234567890n],
  ])('reads %s as wei', (text, wei) => {
    expect(read('-ticketEV', text).wei('ticketEV')).toBe(wei)
  })

  it.each(['0.5', '-1', '1e', 'ten', '', '1e999999'])('does not read %j as wei', (text) => {
    expect(() => read(`-ticketEV=${text}`).wei('ticketEV')).toThrow(failure('bad_flag', '-ticketEV'))
  })
})

describe('a flag that is known but not served', () => {
  it.each(['-aiServerless', '-nvidia=0', '-hevcDecoding=true', '-liveAISaveNSegments=3', '-FVfailGskey=hidden-word'])(
    '%s is refused with any value but its default',
    (flag) => {
      expect(() => read(flag)).toThrow(failure('flag_not_served', 'does not serve yet'))
      expect(() => read(flag)).not.toThrow(/hidden-word/)
    },
  )

  it('is no matter with its default, however written', () => {
    expect(() =>
      read(
        '-aiServerless=false',
        '-nvidia=',
        '-currentManifest=0',
        '-discoveryTimeout=0.5s',
        '-selectPriceExpFactor=100',
      ),
    ).not.toThrow()
  })

  it('is refused in a file and in the environment too', () => {
    expect(() => read('-config', file('ai.json', '{"aiServerless":true}'))).toThrow(
      failure('flag_not_served', 'aiServerless'),
    )
    expect(() => readFlags([], { LP_AISERVERLESS: 'true' })).toThrow(failure('flag_not_served', 'aiServerless'))
  })

  it('differs from one that does no harm, of which the log tells', () => {
    const lines: unknown[] = []
    const log = { info: (_: string, fields: unknown) => lines.push(fields) } as unknown as Log
    read('-testTranscoder=false', '-pricePerUnit=5', '-orchAddr=x').explain(['gateway'], log)
    expect(lines).toEqual([
      expect.objectContaining({ flag: '-testTranscoder' }),
      { flag: '-pricePerUnit', roles: 'gateway' },
    ])
  })
})

describe('where a value comes from', () => {
  it('flags beat the environment, which beats the file', () => {
    const config = file(
      'three.json',
      JSON.stringify({ orchAddr: 'file', maxSessions: 'file', region: '', cliAddr: 'file' }),
    )
    const environment = { MILLRACE_ORCH_ADDR: 'environment', LP_MAXSESSIONS: 'environment', MILLRACE_WEB_PORT: '1' }
    const flags = readFlags(['-config', config, '-orchAddr', 'flag'], environment)
    expect([flags.text('orchAddr'), flags.text('maxSessions'), flags.text('cliAddr')]).toEqual([
      'flag',
      'environment',
      'file',
    ])
  })

  it('MILLRACE_ beats LP_, and the environment may name the file', () => {
    const LP_CONFIG = file('named.json', '{"cliAddr":"file"}')
    const flags = readFlags([], { LP_CONFIG, LP_ORCHADDR: 'lp', MILLRACE_ORCHADDR: 'millrace' })
    expect([flags.text('orchAddr'), flags.text('cliAddr')]).toEqual(['millrace', 'file'])
  })

  it.each([
    ['plain', '# a comment\norchestrator\n\norchAddr  a:1, b:2\nethUrl https://rpc/?a=b\nreward false\n'],
    [
      'a.toml',
      'orchestrator = true\norchAddr = ["a:1", " b:2"]\n[chain]\neth-url = "https://rpc/?a=b"\nreward = false\n',
    ],
    ['a.json', '{"orchestrator":true,"orchAddr":["a:1","b:2"],"chain":{"ethUrl":"https://rpc/?a=b","reward":false}}'],
  ])('the file %s', (name, text) => {
    const flags = read('-config', file(name, text))
    expect(flags.switch('orchestrator')).toBe(true)
    expect(flags.list('orchAddr')).toEqual(['a:1', 'b:2'])
    expect(flags.text('ethUrl')).toBe('https://rpc/?a=b')
    expect(flags.switch('reward')).toBe(false)
  })

  it.each([
    ['unknown', 'orchAdr x', 'unknown_flag', 'did you mean -orchAddr?'],
    ['unknown.toml', '[chain]\nethUrI = "x"', 'unknown_flag', 'did you mean -ethUrl?'],
    ['broken.toml', 'orchAddr = ', 'bad_config', 'is not TOML'],
    ['broken.json', '{', 'bad_config', 'is not JSON'],
    ['list.json', '[]', 'bad_config', 'names with values'],
    ['huge.json', '{"ticketEV":1e40}', 'bad_config', 'large numbers in quotes'],
    ['nested', 'config other', 'bad_config', 'names another file'],
  ])('the file %s is refused', (name, text, code, message) => {
    expect(() => read('-config', file(name, text))).toThrow(failure(code, message))
  })

  it('a file that is not there is told', () => {
    expect(() => read('-config', join(folder, 'nothing'))).toThrow(failure('no_such_file', 'nothing'))
  })
})
