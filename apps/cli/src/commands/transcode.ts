import { randomBytes } from 'node:crypto'
import { createWriteStream, existsSync, type WriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { MillraceError, silentLog } from '@millrace/base'
import { diskError, Hashing, openLog } from '@millrace/base/node'
import { DEFAULT_PORTS, freeNetworkPorts, Network } from '@millrace/devnet'
import { cutFile, type Segment, writeMp4 } from '@millrace/media'
import { formatWei, manifestId } from '@millrace/wire'
import { defineCommand } from 'citty'
import { defaultDataFolder } from '../data-folder.ts'
import { type PushedResult, pushSegment } from '../push-segment.ts'
import { reportAndExit, reporting } from '../report.ts'
import { ProgressBar } from '../terminal/progress-bar.ts'
import { refuseUnknownFlags } from '../unknown-flags.ts'

const args = {
  input: { type: 'positional', description: 'The video file', required: true },
  output: { type: 'positional', description: 'The folder for the renditions', required: true },
  gateway: {
    type: 'string',
    description: 'The gateway that buys (default: the running `millrace up`, else a network started for this file)',
  },
  offchain: { type: 'boolean', description: 'Without chain and payments, when a network is started for this file' },
  'data-dir': { type: 'string', description: 'The data folder of a network that is started for this file' },
  json: { type: 'boolean', description: 'Print the bill as JSON' },
} as const

/** Segments under way at once: one in the engine and one on its way to it. */
const IN_FLIGHT = 2

type Bill = { feeWei: bigint; tickets: number; segments: number; orchestrators: Map<string, number> }

/** `millrace transcode`: one file through the paid network, an MP4 for each rendition, and the bill. */
export const transcode = defineCommand({
  meta: { name: 'transcode', description: 'Push one file through the paid network and get MP4 renditions' },
  args,
  run: reporting(async ({ args: given, rawArgs }) => {
    refuseUnknownFlags(rawArgs, args)
    const input = resolve(given.input)
    if (!existsSync(input)) throw new MillraceError('no_such_file', `there is no file ${input}: check the name`)
    const output = resolve(given.output)
    await makeFolder(output)
    const hashing = new Hashing()
    const network = await findOrStartNetwork(given)
    const work = await mkdtemp(join(tmpdir(), 'millrace-transcode-'))
    try {
      const id = manifestId(`file-${randomBytes(4).toString('hex')}`)
      const { durationMs, segments } = await cutFile(input, { manifestId: id }, { log: silentLog, hashing })
      const bar = new ProgressBar(given.json ? { write: () => {} } : process.stdout)
      const began = Date.now()
      const { bill, renditions, doneMs } = await buyAll(segments, { url: network.url, work, durationMs, bar })
      await fetch(`${network.url}/live/${id}`, { method: 'DELETE' }).catch(() => {})
      const files = await writeRenditions(renditions, output)
      bar.show(1, `${bill.segments} segments, ${formatWei(bill.feeWei)}`)
      bar.end()
      tell({ bill, files, durationMs: doneMs, elapsedMs: Date.now() - began, json: given.json === true })
    } catch (error) {
      await rmdir(output).catch(() => {})
      throw error
    } finally {
      await rm(work, { recursive: true, force: true })
      await hashing.stop()
      await network.stop()
    }
    process.exit(0)
  }),
})

/** The gateway that was named, else the running one of this machine, else one of a network started just for this. */
async function findOrStartNetwork(given: {
  readonly gateway?: string | undefined
  readonly offchain?: boolean | undefined
  readonly 'data-dir'?: string | undefined
}): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const url = given.gateway ?? `http://127.0.0.1:${DEFAULT_PORTS.gatewayHttp}`
  if (await isGateway(url)) return { url, stop: async () => {} }
  if (given.gateway !== undefined)
    throw new MillraceError('gateway_unreachable', `no gateway answers at ${given.gateway}: check --gateway`)
  const dataFolder = resolve(given['data-dir'] ?? defaultDataFolder(given.offchain ? 'offchain' : 'devnet'))
  const log = openLog({ level: 'info', file: `${dataFolder}/logs/millrace.log` })
  const network = await Network.start(
    { dataFolder, ports: await freeNetworkPorts(), offchain: given.offchain ?? false },
    { log, onFatal: reportAndExit },
  )
  return { url: network.gatewayUrl, stop: () => network.stop() }
}

async function isGateway(url: string): Promise<boolean> {
  try {
    return (await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(1_000) })).ok
  } catch {
    return false
  }
}

type Rendition = { readonly name: string; readonly files: string[] }

/** Sends the segments, two at a time, and keeps the renditions on disk in the order of the source. */
async function buyAll(
  segments: AsyncIterable<Segment>,
  options: {
    readonly url: string
    readonly work: string
    readonly durationMs: number | undefined
    readonly bar: ProgressBar
  },
): Promise<{ bill: Bill; renditions: readonly Rendition[]; doneMs: number }> {
  const bill: Bill = { feeWei: 0n, tickets: 0, segments: 0, orchestrators: new Map() }
  const renditions = new Map<string, Rendition>()
  const running = new Set<Promise<void>>()
  let doneMs = 0
  let failed: unknown
  for await (const segment of segments) {
    const work = buyOne(segment, options, renditions, bill).then(
      (ms) => {
        doneMs += ms
        options.bar.show(
          doneMs / Math.max(1, options.durationMs ?? 2 * doneMs),
          `${bill.segments} segments, ${formatWei(bill.feeWei)}`,
        )
      },
      (error) => {
        failed ??= error
      },
    )
    running.add(work)
    void work.finally(() => running.delete(work))
    while (running.size >= IN_FLIGHT) await Promise.race(running)
    if (failed) break
  }
  await Promise.all(running)
  if (failed) throw failed
  if (bill.segments === 0)
    throw new MillraceError('not_a_video', 'the file holds no video that can be cut into segments: name another one')
  return { bill, renditions: [...renditions.values()], doneMs }
}

async function buyOne(
  segment: Segment,
  options: { readonly url: string; readonly work: string },
  renditions: Map<string, Rendition>,
  bill: Bill,
): Promise<number> {
  const { data, durationMs } = await segment.closed
  const result: PushedResult = await pushSegment(options.url, {
    manifestId: segment.manifestId,
    seq: segment.seq,
    container: segment.container,
    data,
    durationMs,
  })
  for (const { name, data: bytes } of result.renditions) {
    const rendition = renditions.get(name) ?? { name, files: [] }
    renditions.set(name, rendition)
    const file = join(options.work, `${name}-${segment.seq}.ts`)
    await writeWhole(createWriteStream(file), bytes)
    rendition.files[segment.seq] = file
  }
  bill.segments++
  bill.feeWei += result.feeWei
  bill.tickets += result.tickets
  if (result.orchestrator)
    bill.orchestrators.set(result.orchestrator, (bill.orchestrators.get(result.orchestrator) ?? 0) + 1)
  return durationMs
}

async function writeRenditions(
  renditions: readonly Rendition[],
  output: string,
): Promise<readonly { file: string; bytes: number }[]> {
  const written: { file: string; bytes: number }[] = []
  for (const { name, files } of renditions) {
    const file = join(output, `${name}.mp4`)
    async function* parts() {
      for (const part of files) if (part) yield new Uint8Array(await readFile(part))
    }
    const { bytes } = await writeMp4(parts(), file)
    written.push({ file, bytes })
  }
  return written
}

function tell(result: {
  readonly bill: Bill
  readonly files: readonly { file: string; bytes: number }[]
  readonly durationMs: number
  readonly elapsedMs: number
  readonly json: boolean
}): void {
  const { bill, files, durationMs, elapsedMs } = result
  if (result.json) {
    const orchestrators = Object.fromEntries(bill.orchestrators)
    const json = {
      feeWei: bill.feeWei.toString(),
      tickets: bill.tickets,
      segments: bill.segments,
      orchestrators,
      files,
      durationMs,
      elapsedMs,
    }
    process.stdout.write(`${JSON.stringify(json)}\n`)
    return
  }
  for (const { file, bytes } of files) process.stdout.write(`${file}  ${(bytes / 1e6).toFixed(1)} MB\n`)
  process.stdout.write(
    `\n${(durationMs / 1000).toFixed(1)} s of video in ${(elapsedMs / 1000).toFixed(1)} s\n` +
      `bill: ${formatWei(bill.feeWei)} for ${bill.segments} segments, paid with ${bill.tickets} tickets\n`,
  )
  for (const [orchestrator, count] of bill.orchestrators)
    process.stdout.write(`      ${count} segments by ${orchestrator}\n`)
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
    await readdir(path)
  } catch (cause) {
    throw diskError(cause, path)
  }
}

function writeWhole(stream: WriteStream, bytes: Uint8Array): Promise<void> {
  return new Promise((done, fail) => {
    stream.on('error', (cause) => fail(diskError(cause, String(stream.path))))
    stream.end(bytes, () => done())
  })
}
