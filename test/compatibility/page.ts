import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DescMessage } from '@bufbuild/protobuf'
import { EventHub } from '@millrace/node'
import { nodeId } from '@millrace/wire'
import { OrchestratorInfoSchema, TicketSchema } from '@millrace/wire/proto'
import { FLAGS } from '../../apps/cli/src/flags/flag-table.ts'
import { NodeMetrics } from '../../packages/node/src/metrics/node-metrics.ts'
import { CODECS } from '../../packages/wire/src/messages/codecs.fixture.ts'
import { FACT_IDS } from '../../packages/wire/src/network-facts.fixture.ts'
import { type Doors, servesRpc, statusOf } from './doors.ts'

type Upstream = {
  readonly rpcs: readonly string[]
  readonly orchestratorPaths: readonly string[]
  readonly gatewayPaths: readonly string[]
  readonly operatorPaths: readonly string[]
  readonly metrics: readonly string[]
}
type Run = {
  readonly date: string
  readonly version: string
  readonly passed: readonly string[]
  readonly failed: readonly string[]
}

const read = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T
const upstream = read<Upstream>('test/compatibility/upstream.json')
const runs = read<readonly Run[]>('test/compatibility/runs.json')
const upstreamFlags = read<readonly { readonly name: string }[]>('apps/cli/src/flags/fixtures/go-livepeer-flags.json')

const code = (words: readonly string[]): string =>
  words.length === 0 ? '–' : words.map((word) => `\`${word}\``).join(', ')
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${heads.join(' | ')} |`,
    `|${heads.map(() => '---').join('|')}|`,
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n')
/** Sorted into groups by what the work says of each. */
async function grouped<T>(
  items: readonly T[],
  groupOf: (item: T) => string | Promise<string>,
): Promise<ReadonlyMap<string, readonly T[]>> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = await groupOf(item)
    groups.set(group, [...(groups.get(group) ?? []), item])
  }
  return groups
}
const section = (
  title: string,
  text: string,
  groups: ReadonlyMap<string, readonly string[]>,
  order: readonly string[],
): string =>
  `## ${title}\n${text}\n\n${table(
    ['', 'number', 'which'],
    order.map((group) => [group, String(groups.get(group)?.length ?? 0), code(groups.get(group) ?? [])]),
  )}`

/** The page docs/compatibility.md, from what the running doors answer and what the tables of the code hold. */
export async function compatibilityPage(doors: Doors): Promise<string> {
  return `${[
    '# What is compatible with go-livepeer',
    'Made by `npm run compatibility` from the tables of the code and from the answers of a running node; a test fails when it is out of date. Upstream is go-livepeer of the line 0.9.1, as its public code has it.',
    await programs(),
    flags(),
    await rpcs(doors),
    messages(),
    await paths(
      'Paths of the orchestrator',
      'On the TLS port of gRPC.',
      upstream.orchestratorPaths,
      doors.orchestrator,
      true,
    ),
    await paths('Paths of the gateway', 'On the port of `-httpAddr`.', upstream.gatewayPaths, doors.gateway, false),
    await operator(doors),
    metrics(),
    vectors(),
  ].join('\n\n')}\n`
}

async function programs(): Promise<string> {
  const text = 'What ran together with a go-livepeer program (`LIVEPEER_BIN=… npm run test:interop -- --record`).'
  if (runs.length === 0)
    return `## Programs\n${text}\n\n**Not run yet: no go-livepeer program was at hand.** The runner itself is tested with Millrace in its place, which shows that the runner works and nothing about go-livepeer.`
  return `## Programs\n${text}\n\n${table(
    ['date', 'version', 'passed', 'failed'],
    runs.map(({ date, version, passed, failed }) => [date, version, code(passed), code(failed)]),
  )}`
}

function flags(): string {
  const names = new Map(
    FLAGS.flatMap((flag) => [flag.name, ...(flag.aliases ?? [])].map((name) => [name, flag.standing] as const)),
  )
  const groups = new Map<string, string[]>()
  for (const { name } of upstreamFlags) {
    const standing = names.get(name as never) ?? 'unknown'
    groups.set(standing, [...(groups.get(standing) ?? []), `-${name}`])
  }
  const rows = (
    [
      ['served', 'do what they say'],
      ['accepted', 'taken with a line in the log, because they mean nothing here and do no harm'],
      ['not_yet', 'refused with any value but their default'],
      ['unknown', 'unknown here'],
    ] as const
  ).map(([standing, text]) => [text, String(groups.get(standing)?.length ?? 0), code(groups.get(standing) ?? [])])
  return `## Flags\nThe ${upstreamFlags.length} flags of go-livepeer.\n\n${table(['', 'number', 'which'], rows)}`
}

async function rpcs(doors: Doors): Promise<string> {
  const groups = await grouped(upstream.rpcs, async (path) =>
    (await servesRpc(path.startsWith('/net.TicketRedeemer/') ? doors.redeemer : doors.orchestrator, path))
      ? 'served'
      : 'not served',
  )
  return section('gRPC', 'Whether a call is answered with anything but "unimplemented".', groups, [
    'served',
    'not served',
  ])
}

/** Codecs that have another name than their message. */
const CALLED: Readonly<Record<string, string>> = { QueueTicketRequest: 'Ticket', MaxFloatRequest: 'MaxFloatReq' }

function messages(): string {
  const all = [...OrchestratorInfoSchema.file.messages, ...TicketSchema.file.messages]
  const own = new Set(Object.keys(CODECS).map((name) => (CALLED[name] ?? name).toLowerCase()))
  const within = new Set<string>()
  const walk = (message: DescMessage): void => {
    for (const { message: inner } of message.fields) {
      if (!inner || within.has(inner.name)) continue
      within.add(inner.name)
      walk(inner)
    }
  }
  for (const message of all) if (own.has(message.name.toLowerCase())) walk(message)
  const groups = new Map<string, string[]>()
  for (const { name } of all) {
    const group = own.has(name.toLowerCase())
      ? 'read and written'
      : within.has(name)
        ? 'as a part of those'
        : 'declared only'
    groups.set(group, [...(groups.get(group) ?? []), name])
  }
  return section(
    'Messages',
    'Those that are read and written come back as they were in property tests, and are fuzzed.',
    groups,
    ['read and written', 'as a part of those', 'declared only'],
  )
}

async function paths(
  title: string,
  text: string,
  lines: readonly string[],
  port: number,
  secure: boolean,
): Promise<string> {
  const groups = await grouped(lines, async (line) => {
    const status = await statusOf(port, line, { secure })
    // A stream that is not there is answered like a path that is not there; these paths are covered by tests of their own.
    return (status !== 404 && status !== 405) || /^GET \/stream\//.test(line) ? 'served' : 'not served'
  })
  return section(title, text, groups, ['served', 'not served'])
}

async function operator({ operator: port }: Doors): Promise<string> {
  const groups = await grouped(upstream.operatorPaths, async (path) => {
    const status = await statusOf(port, `GET ${path.replace('*', 'heap')}`, { secure: false })
    return status === 404 ? 'not served (404)' : status === 501 ? 'known, not served (501)' : 'served'
  })
  return section(
    "The operator's API",
    'On the port of `-cliAddr`. What needs a chain says so on a node without one, and counts as served here; its answers are tested on a chain.',
    groups,
    ['served', 'known, not served (501)', 'not served (404)'],
  )
}

function metrics(): string {
  const made = new NodeMetrics(
    {
      nodeIds: [nodeId('n')],
      nodeType: 'bctr',
      address: undefined,
      version: '0',
      maxStreams: 1,
      perStream: true,
      clientIp: true,
    },
    { hub: new EventHub() },
  )
  const names = new Set(made.names)
  void made.stop()
  const groups = new Map([
    ['served', upstream.metrics.filter((name) => names.has(name))],
    ['not measured', upstream.metrics.filter((name) => !names.has(name))],
  ])
  return section('Metrics', 'Names at `/metrics` with `-monitor`, with the labels and units of go-livepeer.', groups, [
    'served',
    'not measured',
  ])
}

/** Golden values of the network, with the tests that hold them. */
function vectors(): string {
  const folders = ['packages/wire/src', 'packages/payments/src']
  const sources = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .sort()
      .map((name) => ({ path: join(folder, name), text: readFileSync(join(folder, name), 'utf8') })),
  )
  const rows = FACT_IDS.map((id) => {
    const used = sources.filter(({ text }) => new RegExp(`\\bfact(?:<[\\s\\S]*?>)?\\(\\s*'${id}'`).test(text))
    return [`\`${id}\``, code(used.map(({ path }) => path))]
  })
  return `## Golden values\nSignatures, hashes, headers and amounts that were computed outside of this code, and the tests that compare with them.\n\n${table(['value', 'test'], rows)}`
}
