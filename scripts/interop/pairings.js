// The pairings of this node with go-livepeer, as command lines. `theirs` runs the program of LIVEPEER_BIN.
const LADDER = ['-transcodingOptions', 'P240p30fps16x9,P360p30fps16x9']
/** What the gateways of the pairings ask for. */
export const RENDITIONS = [
  { width: 426, height: 240 },
  { width: 640, height: 360 },
]
const SECRET = 'between us'
/** About five tickets of the default expected value, 8 gwei, for a segment of the test clip. */
const PRICE = ['-pricePerUnit', '2000', '-pixelsPerUnit', '1']
const MAX_PRICE = ['-maxPricePerUnit', '4000', '-pixelsPerUnit', '1']

const PAIRS = [
  { name: 'gateway', what: 'Millrace gateway, go-livepeer orchestrator', gateway: 'ours', orchestrator: 'theirs' },
  { name: 'orchestrator', what: 'go-livepeer gateway, Millrace orchestrator', gateway: 'theirs', orchestrator: 'ours' },
  {
    name: 'worker',
    what: 'Millrace worker, go-livepeer orchestrator',
    gateway: 'ours',
    orchestrator: 'theirs',
    worker: 'ours',
  },
  {
    name: 'transcoder',
    what: 'go-livepeer worker (-transcoder), Millrace orchestrator',
    gateway: 'ours',
    orchestrator: 'ours',
    worker: 'theirs',
  },
]

/** Every pairing, off chain and on chain. */
export const PAIRINGS = PAIRS.flatMap((pair) => [
  { ...pair, name: `${pair.name}-offchain`, onChain: false },
  { ...pair, name: `${pair.name}-onchain`, onChain: true },
])

/**
 * The processes of a pairing in the order of their start, each with who runs it, its role, its arguments and the port by which it is seen to be up.
 * `at` has an address for every door, `folder` gives a data folder by name, and `account` the flags of an account on the chain.
 */
export function processesOf(pairing, { at, folder, account }) {
  const { onChain, worker } = pairing
  const remote = worker === undefined ? ['-transcoder'] : ['-orchSecret', SECRET]
  // go-livepeer starts no round unless it is told to; ours does where it is active.
  const rounds = onChain && pairing.orchestrator === 'theirs' ? ['-initializeRound'] : []
  const orchestrator = {
    by: pairing.orchestrator,
    role: 'orchestrator',
    args: [
      ...['-orchestrator', ...remote, '-serviceAddr', at.service, '-cliAddr', at.orchestratorCli],
      ...['-maxSessions', '5', '-dataDir', folder('orchestrator')],
      ...(onChain ? [...account('orchestrator1'), ...PRICE, ...rounds] : ['-network', 'offchain']),
    ],
    port: at.service,
  }
  const gateway = {
    by: pairing.gateway,
    role: 'gateway',
    args: [
      ...['-gateway', '-orchAddr', at.service, '-httpAddr', at.http, '-rtmpAddr', at.rtmp, '-cliAddr', at.gatewayCli],
      ...['-httpIngest=true', '-dataDir', folder('gateway'), ...LADDER],
      ...(onChain ? [...account('gateway'), ...MAX_PRICE] : ['-network', 'offchain']),
    ],
    port: at.http,
  }
  const transcoder = worker && {
    by: worker,
    role: 'worker',
    args: [
      ...['-transcoder', '-orchAddr', at.service, '-orchSecret', SECRET, '-cliAddr', at.workerCli],
      ...['-maxSessions', '2', '-dataDir', folder('worker'), '-network', 'offchain'],
    ],
    port: undefined,
  }
  return [orchestrator, ...(transcoder ? [transcoder] : []), gateway]
}
