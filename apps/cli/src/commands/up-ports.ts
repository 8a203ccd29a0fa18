import { MillraceError } from '@millrace/base'
import { DEFAULT_PORTS, type NetworkPorts } from '@millrace/devnet'

type Given = Readonly<Record<string, unknown>>

/** The ports of a network: those that are named, and the usual ones moved by --port-offset. Throws `bad_flag`. */
export function portsOf(given: Given): NetworkPorts {
  const offset = offsetOf(given)
  const shift = ([a, b]: readonly [number, number]) => [a + offset, b + offset] as const
  return {
    web: portFlag(given, 'web-port', DEFAULT_PORTS.web),
    rtmp: portFlag(given, 'rtmp-port', DEFAULT_PORTS.rtmp),
    srt: portFlag(given, 'srt-port', DEFAULT_PORTS.srt),
    gatewayHttp: portFlag(given, 'http-port', DEFAULT_PORTS.gatewayHttp),
    gatewayCli: DEFAULT_PORTS.gatewayCli + offset,
    orchestrators: shift(DEFAULT_PORTS.orchestrators),
    orchestratorCli: shift(DEFAULT_PORTS.orchestratorCli),
    workerCli: shift(DEFAULT_PORTS.workerCli),
    redeemers: shift(DEFAULT_PORTS.redeemers),
    redeemerCli: shift(DEFAULT_PORTS.redeemerCli),
    viewers: shift(DEFAULT_PORTS.viewers),
    chain: portFlag(given, 'chain-port', DEFAULT_PORTS.chain),
  }
}

/** A port that a flag names, or the usual one; ports that others must find, such as 443, are not moved by --port-offset. */
export function portFlag(
  given: Given,
  flag: string,
  standard: number,
  { shifted = true }: { readonly shifted?: boolean } = {},
): number {
  if (given[flag] !== undefined) return wholeNumber(flag, given[flag], 65_535)
  return shifted ? standard + offsetOf(given) : standard
}

export function wholeNumber(flag: string, text: unknown, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new MillraceError('bad_flag', `--${flag} must be a whole number from 1 to ${most}, not ${String(text)}`)
  return value
}

const offsetOf = (given: Given): number =>
  given['port-offset'] === undefined ? 0 : wholeNumber('port-offset', given['port-offset'])
