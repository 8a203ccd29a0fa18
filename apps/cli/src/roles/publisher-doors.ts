import type { GatewayConfig } from '@millrace/node'
import { badFlag, type Flags } from '../flags/flags.ts'
import { listenAt } from './addresses.ts'
import { secretText } from './secret-text.ts'

/** Where encoders reach a gateway. */
export function publisherDoors(flags: Flags): Pick<GatewayConfig, 'rtmp' | 'rtmps' | 'srt'> {
  return {
    rtmp: listenAt('rtmpAddr', flags.text('rtmpAddr'), { host: '127.0.0.1', port: 1935 }),
    ...(flags.isSet('rtmpsAddr') && {
      rtmps: listenAt('rtmpsAddr', flags.text('rtmpsAddr'), { host: '127.0.0.1', port: 1936 }),
    }),
    ...srtDoor(flags),
  }
}

function srtDoor(flags: Flags): Pick<GatewayConfig, 'srt'> {
  if (!flags.isSet('srtAddr')) return {}
  const given = flags.optional('srtPassphrase')
  const passphrase = given === undefined ? undefined : secretText(given, 'srtPassphrase')
  // What libsrt takes at the other end.
  if (passphrase !== undefined && (passphrase.length < 10 || passphrase.length > 79))
    throw badFlag('srtPassphrase', 'of 10 to 79 letters', '')
  const latencyMs = flags.durationMs('srtLatency')
  if (latencyMs < 1 || latencyMs > 8_000) throw badFlag('srtLatency', 'from 1ms to 8s', flags.text('srtLatency'))
  const srt = listenAt('srtAddr', flags.text('srtAddr'), { host: '127.0.0.1', port: 9710 })
  return { srt: { ...srt, latencyMs, ...(passphrase !== undefined && { passphrase }) } }
}
