import type { SignerConfig } from '@millrace/node'
import type { Flags } from '../flags/flags.ts'
import { ethAddress, listenAt, serviceUrl } from './addresses.ts'
import { capabilityCeilings, pricePerPixel } from './prices.ts'
import { remoteService, webAddress } from './web-service.ts'

/** A signer; how it pays is what a gateway's flags say, since it pays in a gateway's place. */
export function signerConfig(flags: Flags): SignerConfig {
  const orchestrators = flags.list('orchAddr').map((text) => serviceUrl('orchAddr', text))
  const listUrl = webAddress(flags, 'orchWebhookUrl')
  const blocklist = flags
    .list('orchBlocklist')
    .map((text) => ethAddress('orchBlocklist', /^0x/i.test(text) ? text : `0x${text}`))
  const most = pricePerPixel(flags, 'maxPricePerUnit', true)
  const webhook = remoteService(flags, 'remoteSignerWebhookUrl', 'remoteSignerWebhookHeaders')
  const hourly = flags.wei('remoteSignerMaxHourlyValue')
  return {
    listen: listenAt('httpAddr', flags.text('httpAddr'), { host: '127.0.0.1', port: 8935 }),
    ...(webhook && { webhook }),
    ...(flags.switch('remoteSignerAllowNoAuth') && { allowNoAuth: true }),
    ...(flags.switch('remoteDiscovery') && {
      discovery: { refreshMs: Math.max(1_000, flags.durationMs('liveAICapReportInterval')) },
    }),
    ...(hourly > 0n && { maxHourlyValueWei: hourly }),
    ...(orchestrators.length > 0 && { orchestrators }),
    ...(listUrl !== undefined && { orchWebhookUrl: listUrl }),
    ...(blocklist.length > 0 && { orchBlocklist: blocklist }),
    ...(most.pricePerPixel.num > 0n && {
      maxPricePerPixel: most.pricePerPixel,
      ...(most.currency !== undefined && { maxPriceCurrency: most.currency }),
    }),
    ...capabilityCeilings(flags, true),
  }
}
