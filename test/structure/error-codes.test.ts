import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const PAGE = 'docs/errors.md'

/**
 * Errors made with something else than a text: every such place, and the codes it can give.
 * A place without codes passes on what others gave.
 */
const UNWRITTEN: Readonly<Record<string, readonly string[]>> = {
  // What the process that measures sound tells; its own codes are found in the child's file.
  'packages/ai/src/audio/audio-duration.ts: isAiErrorCode(code': [],
  // What the process of a model tells; its own codes are found in the child's file.
  'packages/ai/src/runners/embedded/model-process.ts: code': [],
  'packages/ai/src/runners/server-failure.ts: code': ['ai_media_type', 'ai_too_large'],
  'packages/chain/src/errors.ts: code as ChainErrorCode': [],
  'packages/chain/src/rpc/rpc-pool.ts: code': ['rpc_rate_limited', 'rpc_unreachable'],
  // What the child process tells; its own codes are found in the child's file.
  'packages/media/src/source/source.ts: message.code': [],
  'packages/media/src/source/convert.ts: code': [],
  'packages/media/src/audio/audio-process.ts: message.code': [],
  'packages/media/src/film/picture-films.ts: answer.code': [],
  'packages/media/src/source/source.ts: begun ?': ['source_stopped', 'no_media_engine'],
  'packages/media/src/testing/test-clip.ts: answer.code': [],
  'packages/media/src/transcode/process-engine.ts: message.code': [],
  'packages/media/src/vod/vod-jobs.ts: answer.code': [],
  // By the status of the orchestrator's refusal; each is thrown with its text elsewhere too.
  'packages/node/src/gateway/ai/ai-buyer.ts: code': [],
  'packages/node/src/gateway/attempts.ts: code': ['deadline', 'hedge_lost'],
  'packages/node/src/gateway/byoc/byoc-buyer.ts: busy ?': ['compute_no_capacity', 'compute_unreachable'],
  'packages/node/src/gateway/live-runners/app-buyer.ts: code': ['compute_no_capacity', 'compute_unreachable'],
  'packages/node/src/gateway/picture-checks.ts: WRONG_PICTURES': ['wrong_pictures'],
  'packages/node/src/gateway/buyer.ts: WRONG_PICTURES': [],
  'packages/node/src/gateway/signer-payments.ts: code': ['no_sender_reserve', 'no_sender_deposit', 'sender_unlocking'],
  'packages/node/src/gateway/submit.ts: stale ?': ['session_stale', 'insufficient_balance', 'segment_refused'],
  // What the signer told, or what its status says.
  'packages/node/src/links/http/signer-client.ts: codeOf(status': [
    'refresh_session',
    'price_exceeded',
    'no_tickets',
    'signer_refused',
  ],
  'packages/node/src/orchestrator/byoc/byoc-sales.ts: code': ['compute_no_capacity', 'compute_bad_request'],
  // By the status of the door that took the payment.
  'packages/node/src/orchestrator/live-runners/runner-sales.ts: code': [
    'compute_unpaid',
    'compute_forbidden',
    'compute_bad_request',
  ],
  'packages/node/src/redeemer/chain-broker.ts: code': [
    'ticket_used',
    'ticket_expired',
    'ticket_round_without_block_hash',
    'ticket_not_winning',
    'ticket_signature_invalid',
    'ticket_recipient_rand_mismatch',
  ],
}

/** Classes that choose the code themselves, whatever they are made with. */
const OWN_CODES: Readonly<Record<string, readonly string[]>> = {
  ApiError: ['bad_request', 'request_failed'],
  JobRefusal: ['ai_job_refused'],
  PushRefusal: ['push_refused'],
  WebRtcRefusal: ['webrtc_refused'],
  TrickleRefusal: ['trickle_refused'],
}

/** Warnings whose code is that of an error. */
const WARNINGS_OF_ERRORS = [
  'packages/devnet/src/network.ts',
  'packages/devnet/src/network.ts',
  'packages/node/src/compose/certificate.ts',
  'packages/node/src/gateway/attempt-outcomes.ts',
]

/** Unions of texts that are codes, or reasons that are told as codes. */
const UNIONS = [
  'WireErrorCode',
  'ChainErrorCode',
  'TicketErrorCode',
  'SignerErrorCode',
  'BridgeErrorCode',
  'FallbackReason',
]

const isSource = (path: string) =>
  /\.tsx?$/.test(path) &&
  !/\.test\.tsx?$|\.suite\.ts$|[.-]fixture\.tsx?$|\.d\.ts$|(^|\/)(fixtures|generated)\//.test(path)
const folders = [
  ...['packages', 'apps'].flatMap((at) => readdirSync(at).map((name) => `${at}/${name}/src`)),
  'contracts/ts',
]
const sources = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter(isSource)
    .map((path) => ({ path, text: readFileSync(path, 'utf8') })),
)

const allMatches = (pattern: RegExp) =>
  sources.flatMap(({ path, text }) => [...text.matchAll(pattern)].map((match) => ({ path, text, match })))
const allWords = (pattern: RegExp) => allMatches(pattern).map(({ match }) => match[1] as string)

/** MillraceError and every class below it. */
const classes = (() => {
  const found = allMatches(/\bclass (\w+) extends (\w+)\b/g).map(({ text, match }) => ({
    name: match[1] as string,
    parent: match[2] as string,
    body: text.slice(match.index),
  }))
  const family = new Set(['MillraceError'])
  for (let size = 0; size < family.size; ) {
    size = family.size
    for (const { name, parent } of found) if (family.has(parent)) family.add(name)
  }
  return found.filter(({ name }) => family.has(name))
})()

/** Every place where such an error is made, with its first argument. */
const made = allMatches(/new (\w+)\(\s*(?:'(\w+)'|([^,)]+))/g)
  .filter(({ match }) => match[1] === 'MillraceError' || classes.some(({ name }) => name === match[1]))
  .filter(({ match }) => !(match[1]! in OWN_CODES))
  .map(({ path, match }) => ({ path, code: match[2], place: `${path}: ${match[3]?.replace(/ \?.*/s, ' ?')}` }))
const unwritten = made.flatMap(({ code, place }) => (code === undefined ? [place] : []))

const members = (union: string) => {
  const [found] = allMatches(new RegExp(`type ${union} =((?:\\s|\\||'\\w+'|//.*)+)`, 'g'))
  return [...(found?.match[1] ?? '').matchAll(/'(\w+)'/g)].map(([, word]) => word as string)
}

const codes = new Set([
  ...made.flatMap(({ code }) => code ?? []),
  ...Object.values(UNWRITTEN).flat(),
  ...Object.values(OWN_CODES).flat(),
  ...UNIONS.flatMap(members),
  // Warnings, failing attempts, problems of a node's health, errors of other families.
  ...allWords(/\bcode(?::| =) '([a-z]\w+)'/g),
  // What stands in for the code of an error that has none.
  ...allWords(/\berror\.code : '([a-z]\w+)'/g),
])

const rows = readFileSync(PAGE, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [code = '', cause = '', fix = '', ...rest] = line.slice(2, -2).split(' | ')
    return { code: /^`(\w+)`$/.exec(code)?.[1] ?? line, cause: cause.trim(), fix: fix.trim(), rest }
  })

describe('docs/errors.md', () => {
  it('has every code of the sources, and no other', () => {
    const written = rows.map(({ code }) => code)
    expect([...codes].filter((code) => !written.includes(code)).sort(), `not in ${PAGE}`).toEqual([])
    expect(written.filter((code) => !codes.has(code)).sort(), 'not in the sources').toEqual([])
  })

  it('has every code once', () => {
    const written = rows.map(({ code }) => code)
    expect(written.filter((code, i) => written.indexOf(code) !== i)).toEqual([])
  })

  it('says of every code why it comes and what to do', () => {
    for (const { code, cause, fix, rest } of rows) {
      expect(cause.length, `cause of ${code}`).toBeGreaterThan(10)
      expect(fix.length, `fix of ${code}`).toBeGreaterThan(5)
      expect(rest, `columns of ${code}`).toEqual([])
    }
  })
})

describe('the scan of the sources', () => {
  it('finds codes of every kind', () => {
    expect(codes.size).toBeGreaterThan(200)
    // On one line, on the next line, by a helper, in a warning, in a check of health, in a child process, in a union.
    const some = [
      'bad_hex',
      'data_folder_in_use',
      'unknown_flag',
      'reward_late',
      'draining',
      'engine_failed',
      'all_failed',
    ]
    expect(some.filter((code) => !codes.has(code))).toEqual([])
    for (const union of UNIONS) expect(members(union).length, union).toBeGreaterThan(3)
  })

  it('knows every place that makes an error with anything but a text', () => {
    expect([...new Set(unwritten)].sort()).toEqual(Object.keys(UNWRITTEN).sort())
    for (const [place, given] of Object.entries(UNWRITTEN)) {
      const path = place.split(': ')[0] as string
      const { text } = sources.find((source) => source.path === path)!
      expect(
        given.filter((code) => !text.includes(`'${code}'`)),
        place,
      ).toEqual([])
    }
  })

  it('knows every class that chooses its code itself', () => {
    const choosing = classes
      .filter(({ name }) => name !== 'MillraceError')
      .filter(({ body }) => !/super\(code, message/.test(body.split('\n}')[0]!))
    expect(choosing.map(({ name }) => name).sort()).toEqual(Object.keys(OWN_CODES).sort())
    for (const { name, body } of choosing) {
      const [, first = ''] = /super\(([^;]*)/.exec(body) ?? []
      expect(
        OWN_CODES[name]!.filter((code) => !first.includes(`'${code}'`)),
        name,
      ).toEqual([])
    }
  })

  it('knows every warning whose code stands elsewhere', () => {
    const all = allMatches(/type: 'warning',\s*code(?:: '\w+')?(.)/g)
    expect(all.length).toBeGreaterThan(3)
    const elsewhere = all.filter(({ match }) => !match[0].includes("code: '")).map(({ path }) => path)
    expect(elsewhere.sort()).toEqual(WARNINGS_OF_ERRORS)
  })

  it('finds every code that callers branch on', () => {
    const asked = allWords(/hasCode\([^')]+, '(\w+)'\)/g)
    expect(asked.length).toBeGreaterThan(5)
    expect(asked.filter((code) => !codes.has(code))).toEqual([])
  })
})
