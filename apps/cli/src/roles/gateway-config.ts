import { checkPushUrl, parseStoreUrl } from '@millrace/media'
import { checkMultistream, type GatewayConfig, type MultistreamTarget } from '@millrace/node'
import { isManifestId } from '@millrace/wire'
import type { FlagName } from '../flags/flag-table.ts'
import { badFlag, type Flags } from '../flags/flags.ts'
import { missing } from '../flags/read-flags.ts'
import { acmeOf } from './acme-config.ts'
import { ethAddress, isLoopback, listenAt, serviceUrl } from './addresses.ts'
import { gatewayDistribution } from './distribution-config.ts'
import { ladderOf } from './ladder.ts'
import { liveAiBuying } from './live-ai-config.ts'
import { capabilityCeilings, pricePerPixel } from './prices.ts'
import { publisherDoors } from './publisher-doors.ts'
import { streams } from './sessions.ts'
import { remoteService, webAddress } from './web-service.ts'
import { webRtcConfig } from './webrtc-config.ts'

/** `ownOrchestrator` is the URL of the orchestrator of the same process, which is used when no other is named. */
export function gatewayConfig(
  flags: Flags,
  options: { readonly onChain: boolean; readonly ownOrchestrator: string | undefined },
): GatewayConfig {
  const http = listenAt('httpAddr', flags.text('httpAddr'), { host: '127.0.0.1', port: 9935 })
  const orchestrators = flags.list('orchAddr').map((text) => serviceUrl('orchAddr', text))
  const list =
    orchestrators.length > 0 ? orchestrators : options.ownOrchestrator ? [options.ownOrchestrator] : undefined
  const webhook = webAddress(flags, 'orchWebhookUrl')
  const signer = remoteService(flags, 'remoteSignerUrl', 'remoteSignerHeaders')
  if (!list && !webhook && !signer && !options.onChain)
    throw missing('orchAddr', 'without a chain a gateway must be told which orchestrators to use, as host:port')
  const most = pricePerPixel(flags, 'maxPricePerUnit', options.onChain)
  const auth = webAddress(flags, 'authWebhookUrl')
  const proxies = flags.list('trustedProxies')
  const publicHost = flags.optional('gatewayHost')
  if (publicHost !== undefined && !/^([a-z0-9.-]{1,253}|\[[0-9a-f:.]+\])$/i.test(publicHost))
    throw badFlag('gatewayHost', 'a host name without scheme and port, such as gateway.example.org', publicHost)
  const isOwnMachine = isLoopback(http.host) && proxies.length === 0
  const takesRequests = flags.isSet('httpIngest') ? flags.switch('httpIngest') : isOwnMachine || auth !== undefined
  return {
    ...publisherDoors(flags),
    http,
    ...doors(flags),
    ladder: ladderOf(flags),
    ...(list && (!options.onChain || orchestrators.length > 0) && { orchestrators: list }),
    ...(webhook !== undefined && { orchWebhookUrl: webhook }),
    ...choosing(flags),
    ...(most.pricePerPixel.num > 0n && {
      maxPricePerPixel: most.pricePerPixel,
      ...(most.currency !== undefined && { maxPriceCurrency: most.currency }),
    }),
    ...capabilityCeilings(flags, options.onChain),
    ...(signer && { remoteSigner: signer }),
    ignoreMaxPriceIfNeeded: flags.switch('ignoreMaxPriceIfNeeded'),
    ...(auth !== undefined && { authWebhookUrl: auth }),
    ...stores(flags),
    ...multistream(flags),
    ...gatewayDistribution(flags, { http, onChain: options.onChain }),
    maxAttempts: flags.count('maxAttempts', 1),
    maxStreams: streams(flags),
    ...webRtcConfig(flags),
    // Whoever can push spends this gateway's money: without a word of the operator only this machine may, or whom the webhook admits.
    // What a proxy hands on comes from anywhere.
    httpIngest: takesRequests,
    ...aiDoor(flags, flags.isSet('httpIngest') ? takesRequests : isOwnMachine),
    ...(proxies.length > 0 && { trustedProxies: proxies }),
    ...certificate(flags),
    ...acmeOf(flags),
    ...(publicHost !== undefined && { publicHost }),
  }
}

/** AI jobs spend the gateway's money, too: this machine's own are taken, or those with a key; no webhook admits them. */
function aiDoor(flags: Flags, takesAll: boolean): Pick<GatewayConfig, 'ai'> {
  const keysFile = flags.optional('aiKeys')
  if (!takesAll && keysFile === undefined) return {}
  const retryTimeoutMs = flags.durationMs('aiProcessingRetryTimeout')
  return { ai: { retryTimeoutMs, ...(keysFile !== undefined && { keysFile }), ...liveAiBuying(flags) } }
}

/** Their URLs hold keys, so they are read here and shown nowhere. */
function stores(flags: Flags): Pick<GatewayConfig, 'objectStore' | 'recordStore'> {
  const [objectStore, recordStore] = [flags.optional('objectStore'), flags.optional('recordStore')]
  for (const url of [objectStore, recordStore]) if (url !== undefined) parseStoreUrl(url)
  return { ...(objectStore !== undefined && { objectStore }), ...(recordStore !== undefined && { recordStore }) }
}

/** `<stream>/<rendition>=<address>`, separated by spaces; what is wrong is not repeated, since addresses hold stream keys. */
function multistream(flags: Flags): Pick<GatewayConfig, 'multistream'> {
  const entries = (flags.optional('multistream') ?? '').split(/\s+/).filter(Boolean)
  const targets = entries.map((entry): MultistreamTarget => {
    const [, stream, rendition, url] = /^([\w.~-]+|\*)\/([\w.~-]+)=(\S+)$/.exec(entry) ?? []
    if (stream === undefined || rendition === undefined || url === undefined)
      throw badFlag('multistream', '<stream>/<rendition>=<address>, separated by spaces', '(not shown)')
    checkPushUrl(url.replaceAll('{stream}', 'stream'))
    const target = { stream, rendition, url }
    checkMultistream(target)
    return target
  })
  return targets.length > 0 ? { multistream: targets } : {}
}

/** The files with which the HTTP port speaks TLS: both or none. */
function certificate(flags: Flags): Pick<GatewayConfig, 'tls'> {
  const [certFile, keyFile] = [flags.optional('httpCert'), flags.optional('httpKey')]
  if (certFile === undefined && keyFile === undefined) return {}
  if (certFile === undefined) throw missing('httpCert', '-httpKey has the key of a certificate that is not named')
  if (keyFile === undefined) throw missing('httpKey', '-httpCert needs its key')
  return { tls: { certFile, keyFile } }
}

/** What the gateway fetches itself, and what becomes of publishers that come twice or break off. */
function doors(flags: Flags): Pick<GatewayConfig, 'sources' | 'takeover' | 'reconnectMs'> {
  const sources = flags.list('sources').map((text) => {
    const [, name = '', address = ''] = /^([^=]{1,128})=(.+)$/s.exec(text.trim()) ?? []
    // The address may hold a password.
    if (!isManifestId(name) || address === '') throw badFlag('sources', 'name=address, as cam=rtsp://camera/1', name)
    return { name, address }
  })
  return {
    ...(sources.length > 0 && { sources }),
    ...(flags.switch('publisherTakeover') && { takeover: true }),
    reconnectMs: flags.durationMs('reconnectWindow'),
  }
}

/** Who may be chosen, and how; go-livepeer's way as soon as one of its flags is given. */
function choosing(flags: Flags): Partial<GatewayConfig> {
  const number = <Name extends FlagName>(name: Name) =>
    (flags.isSet(name) ? { [name]: flags.number(name) } : {}) as { readonly [N in Name]?: number }
  const blocklist = flags.list('orchBlocklist').map((text) => ethAddress('orchBlocklist', withPrefix(text)))
  const version = flags.optional('orchMinLivepeerVersion')
  const scores = webAddress(flags, 'orchPerfStatsUrl')
  const region = flags.optional('region')
  return {
    ...(blocklist.length > 0 && { orchBlocklist: blocklist }),
    ...(version !== undefined && { orchMinLivepeerVersion: version }),
    ...(flags.isSet('extraNodes') && { extraNodes: flags.count('extraNodes') }),
    ...(flags.isSet('discoveryTimeout') && { discoveryTimeoutMs: Math.max(1, flags.durationMs('discoveryTimeout')) }),
    ...(flags.switch('currentManifest') && { currentManifest: true }),
    ...(flags.isSet('dvrWindow') && { dvrMs: flags.durationMs('dvrWindow') }),
    ...(flags.switch('challenge') && { challenge: true }),
    ...(flags.text('verifyPreset') && { verifyPreset: flags.text('verifyPreset') }),
    ...(flags.isSet('compareOneIn') && { compareOneIn: flags.count('compareOneIn') }),
    // Who names renditions wants them, also those that are scaled up.
    fitLadder: flags.isSet('fitLadder') ? flags.switch('fitLadder') : !flags.isSet('transcodingOptions'),
    ...perTitleOf(flags),
    ...(flags.switch('opus') && { opus: true }),
    ...(flags.isSet('lowLatency') && { lowLatency: flags.switch('lowLatency') }),
    ...(flags.isSet('selectWeights') && { weights: weightsOf(flags) }),
    ...number('selectStakeWeight'),
    ...number('selectRandFreq'),
    ...number('selectPriceWeight'),
    ...number('selectPriceExpFactor'),
    ...number('minPerfScore'),
    ...(scores !== undefined && { orchPerfStatsUrl: scores }),
    ...(region !== undefined && { region }),
  }
}

function perTitleOf(flags: Flags): Pick<GatewayConfig, 'perTitle'> {
  const mode = flags.text('perTitle')
  if (mode === '' || mode === 'off') return {}
  if (mode !== 'lower' && mode !== 'both') throw badFlag('perTitle', 'off, lower or both', mode)
  return { perTitle: mode }
}

const PROPERTIES = ['price', 'quality', 'latency', 'stake', 'random'] as const

/** `price=0.5,stake=0.5`: parts of any sum, which become parts of one. */
function weightsOf(flags: Flags): NonNullable<GatewayConfig['weights']> {
  const wrong = (text: string) =>
    badFlag('selectWeights', `${PROPERTIES.join('=…, ')}=…, each a number from 0 on and not all of them 0`, text)
  const given = new Map<string, number>()
  for (const entry of flags.list('selectWeights')) {
    const [, name = '', value = ''] = /^\s*([a-z]+)\s*=\s*([\d.eE+-]+)\s*$/.exec(entry) ?? []
    const weight = Number(value)
    const isKnown = PROPERTIES.some((property) => property === name) && !given.has(name)
    if (!isKnown || value === '' || !Number.isFinite(weight) || weight < 0) throw wrong(entry)
    given.set(name, weight)
  }
  const sum = [...given.values()].reduce((a, b) => a + b, 0)
  if (!(sum > 0)) throw wrong(flags.text('selectWeights'))
  const part = (name: (typeof PROPERTIES)[number]) => (given.get(name) ?? 0) / sum
  return {
    price: part('price'),
    quality: part('quality'),
    latency: part('latency'),
    stake: part('stake'),
    random: part('random'),
  }
}

const withPrefix = (address: string): string => (/^0x/i.test(address) ? address : `0x${address}`)
