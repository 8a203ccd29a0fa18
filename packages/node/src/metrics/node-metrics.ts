import { hostname } from 'node:os'
import type { Part } from '@millrace/base'
import type { NodeEvent, NodeId } from '@millrace/wire'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { type Route, text } from '../api/route.ts'
import type { EventHub } from '../events/event-hub.ts'
import { aiMetrics } from './ai-metrics.ts'
import { brokerMetrics } from './broker-metrics.ts'
import { chainMetrics } from './chain-metrics.ts'
import { distributionMetrics } from './distribution-metrics.ts'
import type { Fold } from './fold.ts'
import { gatewayMetrics } from './gateway-metrics.ts'
import { liveAiMetrics } from './live-ai-metrics.ts'
import { liveAiSalesMetrics } from './live-ai-sales-metrics.ts'
import { MetricFactory } from './metric-factory.ts'
import { orchestratorMetrics } from './orchestrator-metrics.ts'
import { ownMetrics } from './own-metrics.ts'
import { pushMetrics } from './push-metrics.ts'
import { recordingMetrics } from './recording-metrics.ts'
import { sessionLevels } from './session-levels.ts'
import { StreamStates } from './stream-states.ts'

/** Streams that ended and are still told of; a scraper has seen them by then. */
const ENDED_KEPT = 100

/** go-livepeer's names for what a node is, in the order in which they count. */
export type NodeType = 'orch' | 'bctr' | 'trcr' | 'rdmr' | 'dflt'

export type NodeMetricsOptions = {
  /** The nodes whose events count: this one, and a worker that is part of it. */
  readonly nodeIds: readonly NodeId[]
  readonly nodeType: NodeType
  readonly address: string | undefined
  readonly version: string
  /** Streams that a gateway takes at most; 0 for a node that is none. */
  readonly maxStreams: number
  readonly perStream: boolean
  readonly clientIp: boolean
}

/** The figures of one node for Prometheus, with the names of go-livepeer (wire spec, appendix M) and some of our own. */
export class NodeMetrics implements Part {
  readonly name = 'metrics'
  readonly #registry = new Registry()
  readonly #make: MetricFactory
  readonly #streams = new StreamStates()
  readonly #folds: readonly Fold[]
  readonly #nodeIds: ReadonlySet<NodeId>
  readonly #perStream: boolean
  readonly #ended: string[] = []
  readonly #stopListening: () => void

  constructor(options: NodeMetricsOptions, deps: { readonly hub: EventHub }) {
    const { perStream, clientIp, nodeType, version, address } = options
    this.#nodeIds = new Set(options.nodeIds)
    this.#perStream = perStream
    const nodeId = address === undefined ? hostname() : `${address}-${hostname()}`
    this.#registry.setDefaultLabels({ node_id: nodeId, node_type: nodeType })
    collectDefaultMetrics({ register: this.#registry })
    const make = new MetricFactory(this.#registry, { perStream, clientIp })
    this.#make = make
    make
      .level('livepeer_versions', {
        help: 'What runs; always 1',
        labels: ['compiler', 'goos', 'goversion', 'livepeerversion'],
      })
      .set(1, {
        compiler: 'node',
        goos: process.platform,
        goversion: process.versions.node,
        livepeerversion: version,
      })
    const sessions = sessionLevels(make)
    this.#folds = [
      pushMetrics(make, this.#streams),
      gatewayMetrics(make, this.#streams, sessions, { sessions: options.maxStreams }),
      orchestratorMetrics(make, sessions, { perStream }),
      chainMetrics(make),
      recordingMetrics(make),
      brokerMetrics(make),
      ownMetrics(make),
      distributionMetrics(make),
      aiMetrics(make),
      liveAiSalesMetrics(make),
      liveAiMetrics(make),
    ]
    this.#stopListening = deps.hub.listen((event) => this.#take(event))
  }

  /** /metrics of the operator's port. */
  readonly route: Route = async () => ({
    ...text(await this.#registry.metrics()),
    type: this.#registry.contentType,
  })

  /** The names of all metrics, for those who draw them. */
  get names(): readonly string[] {
    return this.#registry.getMetricsAsArray().map(({ name }) => name)
  }

  async stop(): Promise<void> {
    this.#stopListening()
    this.#registry.clear()
  }

  #take(event: NodeEvent): void {
    if (!this.#nodeIds.has(event.nodeId)) return
    this.#streams.follow(event)
    for (const fold of this.#folds) fold(event)
    if (event.type !== 'stream_ended') return
    this.#streams.end(event.manifestId)
    if (!this.#perStream) return
    this.#ended.push(event.manifestId)
    const oldest = this.#ended.length > ENDED_KEPT ? this.#ended.shift() : undefined
    if (oldest !== undefined) void this.#make.forget(oldest)
  }
}
