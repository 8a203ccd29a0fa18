import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errorText, type Log, MillraceError, type Part, type Rational } from '@millrace/base'
import { type ChainClient, connectChain, DEVNET_CHAIN_ID } from '@millrace/chain'
import { openKeystore } from '@millrace/chain/node'
import {
  type AiModelConfig,
  DataFolder,
  EventHub,
  type GatewayConfig,
  type MonitorConfig,
  type NodeConfig,
  type OrchestratorConfig,
  type RunningNode,
  type SourceConfig,
  startNode,
  type TicketLimits,
  WebServer,
} from '@millrace/node'
import { DEVNET_PRICE_PER_BYTE, DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import { type Address, nodeId, type VideoProfile } from '@millrace/wire'
import { ChainObserver } from './chain-observer.ts'
import { ChildNode } from './child-node.ts'
import { EmbeddedChain } from './embedded-chain.ts'
import { devnetKey, GENESIS } from './genesis/accounts.ts'
import { devnetAddress } from './genesis/addresses.ts'
import { preparedGenesis, preparedNetwork } from './genesis/prepared-genesis.ts'
import { DEVNET_PASSWORD, type NetworkPorts, type PlannedNode, planNetwork } from './network-plan.ts'
import { type OpenedCertificate, openPageCertificate, type PageCertificate } from './page-certificate.ts'

export type StartNetworkOptions = {
  readonly dataFolder: string
  /** Throws away what an earlier run left. */
  readonly fresh?: boolean
  readonly offchain?: boolean
  /** The program that child processes run; one process does everything when it is undefined. */
  readonly processes?: { readonly program: string }
  readonly ports: NetworkPorts
  /** The built page; without one no page is served. */
  readonly webFolder?: string | undefined
  readonly webHost?: string
  /** The page once more, by HTTPS: browsers give cameras to such pages only. */
  readonly securePage?: SecurePage | undefined
  /** A chain that runs already, with the embedded network's contracts on it. */
  readonly ethUrl?: string | undefined
  /** The Controller on that chain; that of the embedded network when left out. */
  readonly controller?: Address | undefined
  readonly pricePerPixel?: Rational
  readonly ladder?: readonly VideoProfile[]
  /** Has viewers served by the orchestrators. */
  readonly distribute?: boolean
  /** Models that the orchestrators sell; the gateway then takes AI jobs. */
  readonly aiModels?: readonly AiModelConfig[] | undefined
  /** What the gateway does otherwise. */
  readonly gateway?: Partial<GatewayConfig>
  /** What the orchestrators do otherwise. */
  readonly orchestrators?: Partial<OrchestratorConfig>
  /** Ticket parameters other than the embedded network's. */
  readonly tickets?: TicketLimits
  readonly engine?: 'auto' | 'node-av' | 'ffmpeg'
  readonly preset?: string
  /** A stream that the gateway shows from the start. */
  readonly source?: SourceConfig | undefined
  /** -monitor of all nodes: figures at /metrics of their operators' ports. */
  readonly monitor?: MonitorConfig | undefined
  /** Ports at which gateways reach the orchestrators, where something stands between, such as a bad link. */
  readonly reachedAt?: readonly [number, number]
  /** Ports of a signer that has the gateway's key, and of its operator; the gateway's node has the key when left out. */
  readonly signerAt?: readonly [number, number]
}

export type SecurePage = {
  readonly host: string
  readonly port: number
  readonly certificate: PageCertificate
  /** Without it, as a bearer token, nobody publishes through this page. */
  readonly publishKey?: string
  /** Its certificate serves TURN over TLS as well, at this place. */
  readonly turns?: { readonly host: string; readonly port: number }
}

export type StartNetworkDeps = {
  readonly log: Log
  /** Told what is being done, for a person who waits. */
  readonly progress?: (step: string) => void
  /** Called when a part dies that the network cannot do without. */
  readonly onFatal?: (error: MillraceError) => void
}

/** How long the steps of a start took, in milliseconds from its beginning. */
export type StartTimes = { readonly chainMs: number | undefined; readonly nodesMs: number }

type NetworkNode = { readonly config: NodeConfig; stop(): Promise<void>; kill(): Promise<void> }

/** A whole network on this machine: chain, gateway, orchestrators, workers, page. */
export class Network implements AsyncDisposable {
  readonly hub = new EventHub({ keep: 20_000 })
  readonly options: StartNetworkOptions
  readonly #log: Log
  readonly #deps: StartNetworkDeps
  readonly #nodes = new Map<string, NetworkNode>()
  readonly #parts: Part[] = []
  #folder: DataFolder | undefined
  #chain: EmbeddedChain | undefined
  #client: ChainClient | undefined
  #plan: readonly PlannedNode[] = []
  #certificate: OpenedCertificate | undefined
  #times: StartTimes | undefined
  #stopped = false

  private constructor(options: StartNetworkOptions, deps: StartNetworkDeps) {
    this.options = options
    this.#deps = deps
    this.#log = deps.log
  }

  /** Starts everything; when a part fails to start, what runs already is stopped and its error is thrown. */
  static async start(options: StartNetworkOptions, deps: StartNetworkDeps): Promise<Network> {
    const network = new Network(options, deps)
    try {
      await network.#start()
      return network
    } catch (error) {
      await network.stop()
      throw error
    }
  }

  get times(): StartTimes {
    return this.#times as StartTimes
  }

  /** Undefined off chain. */
  get client(): ChainClient | undefined {
    return this.#client
  }

  get embeddedChain(): EmbeddedChain | undefined {
    return this.#chain
  }

  /** Keeps the certificate of the secure page; undefined where there is no authority to ask. */
  get certificate(): OpenedCertificate['keeper'] {
    return this.#certificate?.keeper
  }

  get gatewayUrl(): string {
    return `http://127.0.0.1:${this.options.ports.gatewayHttp}`
  }

  /** The gateway's account; undefined off chain. */
  get gatewayAddress(): Address | undefined {
    return this.options.offchain ? undefined : devnetAddress('gateway')
  }

  /** What a node was started with; undefined when there is none of that name. */
  config(name: string): NodeConfig | undefined {
    return this.#plan.find(({ config }) => config.nodeId === name)?.config
  }

  /** A node of this process; undefined for one in a process of its own. */
  node(name: string): RunningNode | undefined {
    const node = this.#nodes.get(name)
    return node && 'operatorUrl' in node && 'tickets' in node ? (node as RunningNode) : undefined
  }

  /** The process id of a node that has a process of its own. */
  pid(name: string): number | undefined {
    const node = this.#nodes.get(name)
    return node instanceof ChildNode ? node.pid : undefined
  }

  /** Kills a node: an abrupt end in one process, SIGKILL for a process of its own. */
  async kill(name: string): Promise<void> {
    const node = this.#nodes.get(name)
    if (!node) throw noSuchNode(name, this.#nodes.keys())
    this.#nodes.delete(name)
    await node.kill()
  }

  /** Starts a node again that was killed. */
  async restart(name: string): Promise<void> {
    const planned = this.#plan.find(({ config }) => config.nodeId === name)
    if (!planned)
      throw noSuchNode(
        name,
        this.#plan.map((one) => one.config.nodeId),
      )
    await this.#startNode(planned)
  }

  /** Starts one more node beside those of the network, in the same form; it can be killed and started again as they can. */
  async add(planned: PlannedNode): Promise<void> {
    if (this.config(planned.config.nodeId))
      throw new MillraceError('bad_config', `there is a node ${planned.config.nodeId} already: give it another name`)
    await mkdir(planned.config.folder, { recursive: true, mode: 0o700 })
    await this.#prepareKey(planned)
    this.#plan = [...this.#plan, planned]
    await this.#startNode(planned)
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    // The gateway goes first, so that its streams can still give their sessions back.
    const nodes = [...this.#nodes.entries()].reverse()
    const gateway = nodes.find(([name]) => name === 'gateway')
    await stopQuietly(gateway?.[1], this.#log)
    await Promise.all(nodes.filter((entry) => entry !== gateway).map(([, node]) => stopQuietly(node, this.#log)))
    for (const part of this.#parts.reverse()) await part.stop?.().catch(() => {})
    await this.#chain?.stop()
    this.#folder?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #start(): Promise<void> {
    const began = Date.now()
    const { options } = this
    const say = this.#deps.progress ?? (() => {})
    if (options.fresh) await removeData(options.dataFolder)
    const folder = DataFolder.open(options.dataFolder)
    this.#folder = folder
    let chainMs: number | undefined
    let chain: { ethUrl: string; controller: Address } | undefined
    if (!options.offchain) {
      say('starting the chain')
      chain = await this.#startChain(folder)
      chainMs = Date.now() - began
    }
    if (options.securePage) await this.#openCertificate(options.securePage)
    this.#plan = planNetwork({
      folder: (name) => folder.node(name),
      ports: options.ports,
      chain,
      workerSecret: options.processes ? randomSecret() : undefined,
      pricePerPixel: options.pricePerPixel ?? DEVNET_PRICE_PER_PIXEL,
      ...(options.ladder && { ladder: options.ladder }),
      ...(options.tickets && { tickets: options.tickets }),
      gateway: this.#gatewayOptions(),
      orchestrators: options.orchestrators,
      ...(options.engine && { engine: options.engine }),
      ...(options.preset && { preset: options.preset }),
      source: options.source,
      pricePerByte: options.distribute ? DEVNET_PRICE_PER_BYTE : undefined,
      aiModels: options.aiModels,
      reachedAt: options.reachedAt,
      signerAt: options.signerAt,
    }).map(({ config, account }) => ({
      account,
      config: { ...config, ...(options.monitor && { monitor: options.monitor }) },
    }))
    say('starting two orchestrators and two workers')
    if (chain) await Promise.all(this.#plan.map((planned) => this.#prepareKey(planned)))
    const gateway = this.#plan.at(-1) as PlannedNode
    await settleAll(this.#plan.slice(0, -1).map((planned) => this.#startNode(planned)))
    say('starting the gateway')
    await this.#startNode(gateway)
    if (this.#client) await this.#startObserver(this.#client)
    if (options.webFolder) await this.#startWeb(options.webFolder)
    if (options.webFolder && options.securePage) await this.#startWeb(options.webFolder, options.securePage)
    this.#times = { chainMs, nodesMs: Date.now() - began }
  }

  async #startChain(folder: DataFolder): Promise<{ ethUrl: string; controller: Address }> {
    const controller = this.options.controller ?? (await preparedNetwork()).controller
    let ethUrl = this.options.ethUrl
    if (ethUrl === undefined) {
      const chain = new EmbeddedChain(
        {
          folder: folder.chain,
          host: '127.0.0.1',
          port: this.options.ports.chain,
          chainId: DEVNET_CHAIN_ID,
          genesis: preparedGenesis,
        },
        { log: this.#log, onDeath: (error) => this.#deps.onFatal?.(error) },
      )
      await chain.start()
      this.#chain = chain
      ethUrl = chain.url
    }
    this.#client = await connectChain({ url: ethUrl, controller, chainId: DEVNET_CHAIN_ID })
    return { ethUrl, controller }
  }

  /** Every node has its own keystore; on the embedded network it is made from the node's test key. */
  async #prepareKey({ config, account }: PlannedNode): Promise<void> {
    // The password protects nothing here, so a light key derivation does.
    if (account)
      await openKeystore(join(config.folder, 'keystore'), DEVNET_PASSWORD, { create: devnetKey(account), n: 4096 })
  }

  async #startNode({ config }: PlannedNode): Promise<void> {
    const { processes } = this.options
    const onFatal = this.#deps.onFatal ?? (() => {})
    const node = processes
      ? await ChildNode.start(
          config,
          {
            program: processes.program,
            logFile: join((this.#folder as DataFolder).logs, `${config.nodeId}.log`),
            onExit: (error) => {
              this.#nodes.delete(config.nodeId)
              this.hub.teller(config.nodeId)({ type: 'node_stopped' })
              this.hub.teller(config.nodeId)({ type: 'warning', code: error.code, message: error.message })
            },
          },
          { hub: this.hub, log: this.#log },
        )
      : await startNode(config, { hub: this.hub, log: this.#log, onFatal })
    this.#nodes.set(config.nodeId, node)
  }

  async #startObserver(client: ChainClient): Promise<void> {
    const observer = new ChainObserver(
      {
        pollMs: 250,
        sender: this.gatewayAddress,
        delegators: GENESIS.delegators.map(({ account, to }) => ({
          address: devnetAddress(account),
          delegate: devnetAddress(to),
        })),
      },
      { client, tell: this.hub.teller(nodeId('chain')), log: this.#log },
    )
    this.#parts.push(observer)
    await observer.start()
  }

  async #openCertificate({ certificate, port }: SecurePage): Promise<void> {
    const warn = ({ code, message }: MillraceError) =>
      this.hub.teller(nodeId('page'))({ type: 'warning', code, message })
    this.#certificate = await openPageCertificate(
      certificate,
      { folder: this.options.dataFolder, securePort: port },
      { log: this.#log, warn, parts: this.#parts },
    )
  }

  /** TURN over TLS has the certificate of the page, since both are of one name. */
  #gatewayOptions(): Partial<GatewayConfig> | undefined {
    const { gateway, securePage } = this.options
    const certificate = this.#certificate?.files
    const turn = gateway?.webrtc?.turn
    if (!securePage?.turns || !certificate || !turn) return gateway
    return {
      ...gateway,
      webrtc: {
        ...gateway.webrtc,
        turn: { ...turn, secure: securePage.turns, besideHttps: securePage.port, certificate },
      },
    }
  }

  async #startWeb(folder: string, secure?: SecurePage): Promise<void> {
    const { ports, webHost = '127.0.0.1', securePage } = this.options
    const server = new WebServer(
      {
        host: secure?.host ?? webHost,
        port: secure?.port ?? ports.web,
        folder,
        gatewayUrl: this.gatewayUrl,
        ...(this.options.distribute && { mediaOrigins: ports.viewers.map((port) => `http://127.0.0.1:${port}`) }),
        info: () => ({
          rtmpUrl: `rtmp://127.0.0.1:${ports.rtmp}/live`,
          gatewayUrl: this.gatewayUrl,
          offchain: this.options.offchain ?? false,
          ...(securePage && { securePort: securePage.port, asksKey: securePage.publishKey !== undefined }),
        }),
        ...(secure?.turns && { turnPort: this.options.gateway?.webrtc?.turn?.listen.port }),
        ...(secure && { tls: this.#certificate?.files, publishKey: secure.publishKey, flag: '--https-port' }),
      },
      { hub: this.hub, log: this.#log },
    )
    this.#parts.push(server)
    await server.start()
  }
}

async function stopQuietly(node: NetworkNode | undefined, log: Log): Promise<void> {
  try {
    await node?.stop()
  } catch (error) {
    log.warn('a node failed to stop', { node: node?.config.nodeId, error: errorText(error) })
  }
}

/** Waits for all, also when one fails, so that nothing starts up behind the back of a stop; then throws the first failure. */
async function settleAll(starting: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(starting)) if (result.status === 'rejected') throw result.reason
}

/** Deletes what a network wrote but its logs, and nothing else that may lie in the folder; one that is in use is refused. */
async function removeData(path: string): Promise<void> {
  const folder = DataFolder.openAnyVersion(path)
  try {
    for (const name of ['chain', 'nodes', 'version']) await rm(join(path, name), { recursive: true, force: true })
  } finally {
    folder.close()
  }
}

const randomSecret = (): string => crypto.randomUUID().replaceAll('-', '')

const noSuchNode = (name: string, known: Iterable<string>): MillraceError =>
  new MillraceError('no_such_node', `there is no node ${name}: there are ${[...known].join(', ') || 'none'}`)
