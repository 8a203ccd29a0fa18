import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CATALOG, LIVE_CATALOG } from '@millrace/ai'
import { type Log, MillraceError } from '@millrace/base'
import { openLog } from '@millrace/base/node'
import { DEFAULT_PORTS, Network, type NetworkPorts } from '@millrace/devnet'
import type { SourceConfig } from '@millrace/node'
import type { Address, NodeEvent } from '@millrace/wire'
import { defineCommand } from 'citty'
import { defaultDataFolder } from '../data-folder.ts'
import { reportAndExit, reporting, untilInterrupted } from '../report.ts'
import { settings } from '../settings.ts'
import { LiveDisplay } from '../terminal/live-display.ts'
import { qrText } from '../terminal/qr-code.ts'
import { refuseUnknownFlags } from '../unknown-flags.ts'
import { openingArgs, openings } from './up-openings.ts'
import { portsOf, wholeNumber } from './up-ports.ts'

const STOP_GRACE_MS = 2_000
const STREAM_NAME = 'demo'

const args = {
  source: {
    type: 'string',
    description: 'What to stream: a video file or URL; "none" for nothing (default: a generated picture with a clock)',
  },
  loop: { type: 'boolean', description: 'Play the file again when it ends' },
  processes: { type: 'boolean', description: 'Run every role in a process of its own' },
  offchain: { type: 'boolean', description: 'Run without chain and payments' },
  fresh: { type: 'boolean', description: 'Throw away the chain, stakes and balances of earlier runs' },
  'data-dir': { type: 'string', description: 'Where chain, keys and stores are kept (default: ~/.millrace/devnet)' },
  'eth-url': {
    type: 'string',
    description: "Use this chain instead of the embedded one; it must hold the embedded network's contracts",
  },
  controller: {
    type: 'string',
    description: 'The Controller on the chain of --eth-url (default: that of the embedded network)',
  },
  engine: { type: 'string', description: 'Media engine: auto, node-av or ffmpeg (default: auto)' },
  preset: { type: 'string', description: 'x264 preset (default: veryfast)' },
  ai: { type: 'boolean', description: 'Sell AI jobs too: models of ours, which are fetched when they are first used' },
  distribute: { type: 'boolean', description: 'Have viewers served by the orchestrators, for money' },
  ...openingArgs,
  'web-port': { type: 'string', description: `Port of the page (default: ${DEFAULT_PORTS.web})` },
  'srt-port': { type: 'string', description: `UDP port for SRT publishers (default: ${DEFAULT_PORTS.srt})` },
  'rtmp-port': { type: 'string', description: `Port for RTMP publishers (default: ${DEFAULT_PORTS.rtmp})` },
  'http-port': {
    type: 'string',
    description: `Port for pushed segments and HLS (default: ${DEFAULT_PORTS.gatewayHttp})`,
  },
  'webrtc-ports': {
    type: 'string',
    description: 'UDP ports for publishers and viewers by WebRTC, such as 50000-50200 (default: any free ones)',
  },
  'chain-port': { type: 'string', description: `Port of the embedded chain (default: ${DEFAULT_PORTS.chain})` },
  'port-offset': { type: 'string', description: 'Add this number to every port, to run a second network' },
  config: {
    type: 'string',
    description: 'A file with values for these flags; MILLRACE_… in the environment and flags beat it',
  },
  seconds: { type: 'string', description: 'Stop by itself after this many seconds' },
  json: { type: 'boolean', description: 'Print every event as one line of JSON instead of the table' },
} as const

/** Every model that needs no server, loaded by the first job that asks for it. */
const embeddedModels = () =>
  [...CATALOG, ...LIVE_CATALOG].map(({ card: { pipeline, id } }) => ({
    ...{ pipeline, modelId: id, adapter: 'embedded' as const, warm: false },
  }))

/** `millrace up`: the whole network on this machine, until Ctrl-C. */
export const up = defineCommand({
  meta: { name: 'up', description: 'Start a whole network on this machine and watch it work' },
  args,
  run: reporting(async ({ args: flags, rawArgs }) => {
    refuseUnknownFlags(rawArgs, args)
    const given = settings(flags, args, process.env)
    const began = Date.now()
    const ports = portsOf(given)
    const dataFolder = resolve(given['data-dir'] ?? defaultDataFolder(given.offchain ? 'offchain' : 'devnet'))
    if (given.distribute && (given.lan || given.public !== undefined))
      throw new MillraceError(
        'bad_flag',
        '--distribute serves viewers of this machine only: leave out --lan and --public',
      )
    const source = sourceOf(given.source, given.loop ?? false)
    const log: Log & { flush(): void } = openLog({ level: 'info', file: `${dataFolder}/logs/millrace.log` })
    const quiet = given.json === true
    const opened = await openings(given, dataFolder)
    const say = (step: string) => quiet || process.stdout.write(`… ${step}\n`)
    const interrupted = untilInterrupted()
    const network = await Network.start(
      {
        dataFolder,
        ports,
        fresh: given.fresh ?? false,
        offchain: given.offchain ?? false,
        distribute: given.distribute ?? false,
        aiModels: given.ai ? embeddedModels() : undefined,
        ethUrl: given['eth-url'],
        controller: controllerOf(given.controller),
        webFolder: webFolder(),
        ...opened.options,
        engine: engineOf(given.engine),
        source,
        ...(given.preset ? { preset: given.preset } : {}),
        ...(given.processes
          ? { processes: { program: fileURLToPath(new URL('../../bin/millrace.js', import.meta.url)) } }
          : {}),
      },
      { log, progress: say, onFatal: reportAndExit },
    )
    if (network.certificate) say('waiting for the certificate')
    await Promise.race([opened.settle(network), interrupted])
    const { chainMs, nodesMs } = network.times
    const times = `up in ${seconds(nodesMs)}${chainMs === undefined ? '' : ` (chain ${seconds(chainMs)})`}`
    const display = new LiveDisplay(
      { output: process.stdout, header: [...header(network, ports, times), ...opened.lines(network, ports)] },
      { view: () => network.hub.view() },
    )
    const unlisten = quiet
      ? printEvents(network)
      : onFirstRendition(network, () => display.note(`  first playable rendition after ${seconds(Date.now() - began)}`))
    if (!quiet && opened.phone !== undefined) showPhone(opened.phone)
    if (!quiet) display.start()
    const limit = given.seconds === undefined ? undefined : wholeNumber('seconds', given.seconds)
    await (limit === undefined
      ? interrupted
      : Promise.race([interrupted, new Promise((done) => setTimeout(done, limit * 1000))]))
    unlisten()
    if (!quiet) display.stop()
    await stopWithin(network, quiet)
    log.flush()
    process.exit(0)
  }),
})

/** Stops the network; what does not end within the grace is abandoned, and named. */
async function stopWithin(network: Network, quiet: boolean): Promise<void> {
  const began = Date.now()
  const done = network.stop().then(() => true)
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), STOP_GRACE_MS))
  if (await Promise.race([done, late])) {
    if (!quiet) process.stdout.write(`stopped in ${seconds(Date.now() - began)}; the next start goes on from here\n`)
    return
  }
  const streams = Object.values(network.hub.view().streams).filter((stream) => stream.live)
  await network.embeddedChain?.crash()
  process.stdout.write(`abandoned after ${seconds(STOP_GRACE_MS)}: ${streams.length} streams with segments under way\n`)
}

/** On a terminal, where lines that are too long are cut: the address whole, and as a code for the phone's camera. */
function showPhone(address: string): void {
  const { isTTY, columns } = process.stdout
  if (isTTY) process.stdout.write(`\n${qrText(address, columns) ?? ''}${address}\n\n`)
}

function header(network: Network, ports: NetworkPorts, times: string): string[] {
  const host = '127.0.0.1'
  const webRtc = `http://${host}:${network.options.webFolder === undefined ? ports.gatewayHttp : ports.web}/webrtc`
  return [
    `Millrace ${times}`,
    '',
    `  watch     http://${host}:${ports.web}`,
    `  publish   rtmp://${host}:${ports.rtmp}/live/my-stream      (OBS: server rtmp://${host}:${ports.rtmp}/live, stream key my-stream)`,
    `  SRT       srt://${host}:${ports.srt}?streamid=publish:my-stream`,
    `  WHIP      ${webRtc}/whip/my-stream      (OBS: service WHIP; watch it by WHEP: ${webRtc}/whep/my-stream)`,
    `  push      curl -T segment.ts http://${host}:${ports.gatewayHttp}/live/my-stream/0.ts`,
    `  play      http://${host}:${ports.gatewayHttp}/stream/${STREAM_NAME}.m3u8`,
    ...(network.options.offchain
      ? ['  off chain: nothing is paid']
      : [`  chain     http://${host}:${ports.chain} (chain id 31337)`]),
  ]
}

/** Calls back once, when the first rendition of any stream can be played. */
function onFirstRendition(network: Network, then: () => void): () => void {
  const stop = network.hub.listen((event: NodeEvent) => {
    if (event.type !== 'segment_transcoded') return
    stop()
    then()
  })
  return stop
}

const printEvents = (network: Network): (() => void) => {
  for (const event of network.hub.recent()) process.stdout.write(`${JSON.stringify(event)}\n`)
  return network.hub.listen((event) => process.stdout.write(`${JSON.stringify(event)}\n`))
}

function sourceOf(text: string | undefined, loop: boolean): SourceConfig | undefined {
  if (text === undefined || text === 'generated') return { kind: 'generated', name: STREAM_NAME }
  if (text === 'none') return undefined
  if (/^https?:\/\//i.test(text)) return { kind: 'file', name: STREAM_NAME, path: text, loop }
  const path = resolve(text)
  if (!existsSync(path)) throw new MillraceError('no_such_file', `there is no file ${path}: check --source`)
  return { kind: 'file', name: STREAM_NAME, path, loop }
}

function controllerOf(text: string | undefined): Address | undefined {
  if (text === undefined) return undefined
  if (!/^0x[0-9a-fA-F]{40}$/.test(text))
    throw new MillraceError('bad_flag', `--controller must be an address, not ${text}`)
  return text.toLowerCase() as Address
}

function engineOf(text: string | undefined): 'auto' | 'node-av' | 'ffmpeg' {
  if (text === undefined || text === 'auto') return 'auto'
  if (text === 'node-av' || text === 'ffmpeg') return text
  throw new MillraceError('bad_flag', `--engine is auto, node-av or ffmpeg, not ${text}`)
}

/** The built page of this program, when it is there. */
function webFolder(): string | undefined {
  const folder = fileURLToPath(new URL('../../../web/dist/', import.meta.url))
  return existsSync(folder) ? folder : undefined
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
