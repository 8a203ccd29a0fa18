import { bigintToBytes } from '@millrace/base'
import {
  checksumAddress,
  goRational,
  type NetworkView,
  PROFILE_PRESETS,
  type StreamView,
  type VideoProfile,
} from '@millrace/wire'
import { needChain, type OperatorContext } from '../context.ts'
import { ApiError, bytes, json, type Routes, text } from '../route.ts'

/** What the node is and does: status, streams, version of the chain. */
export const nodeRoutes = (context: OperatorContext): Routes => ({
  '/status': async () => json(await nodeStatus(context)),
  '/streamID': () => text(lastStream(context)),
  '/manifestID': () => text(lastStream(context)),
  '/localStreams': () => json([]),
  '/EthChainID': () => text(String(context.chain?.client.chainId ?? 0)),
  '/currentBlock': () => bytes(bigintToBytes(needChain(context).rounds.lastSeenBlock())),
  '/IsOrchestrator': () => text(String(context.orchestrator !== undefined)),
  '/IsRedeemer': () => text(String(context.redeems)),
  '/getAvailableTranscodingOptions': () => json([...PROFILE_PRESETS.keys()]),
  '/debug': () => json(debugFacts(context)),
  '/workers': () => json(workerFacts(context)),
})

async function nodeStatus(context: OperatorContext): Promise<unknown> {
  const { hub, nodeId, version, gateway, orchestrator, transcodes } = context
  const streams = streamsOf(hub.view(), nodeId)
  const live = streams.filter((stream) => stream.live)
  // A status is told also while nobody can be found.
  const pool = (await gateway?.orchestrators().catch(() => [])) ?? []
  const workers = orchestrator?.load().workers ?? []
  const byStream = <T>(value: (stream: StreamView) => T) =>
    Object.fromEntries(live.map((stream) => [stream.manifestId, value(stream)]))
  return {
    Manifests: byStream((stream) => ({ Variants: variants(stream, gateway?.ladder ?? []) })),
    InternalManifests: byStream((stream) => stream.manifestId),
    StreamInfo: byStream(({ renditions }) => ({
      SourceBytes: renditions.source?.bytes ?? 0,
      TranscodedBytes: Object.entries(renditions).reduce(
        (sum, [name, { bytes: count }]) => (name === 'source' ? sum : sum + count),
        0,
      ),
    })),
    OrchestratorPool: pool.map(({ serviceUri }) => serviceUri),
    OrchestratorPoolInfos: pool.map(({ serviceUri, latency }) => ({
      Url: serviceUri,
      Score: 1,
      Latency: latency ?? 0,
    })),
    Version: version,
    // The field is older than this program; it names what runs it.
    GolangRuntimeVersion: `node ${process.versions.node}`,
    GOArch: process.arch,
    GOOS: process.platform,
    RegisteredTranscodersNumber: workers.length,
    RegisteredTranscoders: workers.map(({ account, capacity }) => ({ Address: account, Capacity: capacity })),
    LocalTranscoding: transcodes,
    BroadcasterPrices: Object.fromEntries([
      ...(orchestrator ? [['default', goRational(orchestrator.basePrice)]] : []),
      ...[...(orchestrator?.gatewayPrices ?? [])].map(([address, price]) => [
        checksumAddress(address),
        goRational(price),
      ]),
    ]),
  }
}

const variants = ({ manifestId, renditions }: StreamView, ladder: readonly VideoProfile[]) =>
  Object.keys(renditions).map((name) => {
    const profile = ladder.find((one) => one.name === name)
    return {
      URI: `${manifestId}/${name}.m3u8`,
      ProgramId: 0,
      Bandwidth: profile?.bitrateBps ?? 0,
      Resolution: profile ? `${profile.width}x${profile.height}` : '',
    }
  })

/** The streams of this node; another one of the same process has its own port. */
const streamsOf = (view: NetworkView, nodeId: OperatorContext['nodeId']): readonly StreamView[] =>
  Object.values(view.streams).filter(({ gateway }) => gateway === nodeId)

function lastStream({ gateway, hub, nodeId }: OperatorContext): string {
  if (!gateway) throw new ApiError(400, 'this node is not a gateway: it has no streams')
  return streamsOf(hub.view(), nodeId).at(-1)?.manifestId ?? ''
}

/** Amounts are decimal strings: this path is ours, and pixels outgrow what a number holds. */
const workerFacts = ({ orchestrator }: OperatorContext): unknown => {
  if (!orchestrator) throw new ApiError(400, 'this node is not an orchestrator: it has no workers')
  return {
    workers: orchestrator.load().workers,
    accounts: orchestrator.workerAccounts().map((account) => ({ ...account, pixels: account.pixels.toString() })),
  }
}

const debugFacts = ({ orchestrator }: OperatorContext): unknown => {
  const load = orchestrator?.load()
  return {
    sessions: load?.sessions ?? 0,
    maxSessions: load?.maxSessions ?? 0,
    workers: load?.workers ?? [],
  }
}
