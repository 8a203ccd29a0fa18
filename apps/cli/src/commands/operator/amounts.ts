import { MillraceError } from '@millrace/base'

const LPT_UNITS = { lpt: 18, lptu: 0 } as const
const ETHER_UNITS = { eth: 18, ether: 18, gwei: 9, wei: 0 } as const

/** Reads an amount of LPT, such as `100`, `1.5 LPT` or `7 LPTU` (the smallest unit); throws `bad_amount`. */
export const parseLpt = (text: string): bigint => parseAmount(text, LPT_UNITS, 'lpt', '100, 1.5 LPT or 7 LPTU')

/** Reads an amount of ether, such as `0.1`, `20 gwei` or `5 wei`; a number alone is ETH. Throws `bad_amount`. */
export const parseEther = (text: string): bigint => parseAmount(text, ETHER_UNITS, 'eth', '0.1 ETH, 20 gwei or 5 wei')

/** Reads an amount of which a number alone is wei, as prices are. */
export const parseWei = (text: string): bigint => parseAmount(text, ETHER_UNITS, 'wei', '1200, 5 wei or 20 gwei')

function parseAmount(text: string, units: Readonly<Record<string, number>>, usual: string, examples: string): bigint {
  const match = /^([\d_,]+)(?:\.(\d+))?\s*([A-Za-z]*)$/.exec(text.trim())
  const decimals = units[(match?.[3] || usual).toLowerCase()]
  const whole = match?.[1]?.replace(/[_,]/g, '') ?? ''
  const fraction = match?.[2] ?? ''
  if (!match || decimals === undefined || whole === '')
    throw new MillraceError('bad_amount', `"${text.slice(0, 60)}" is not an amount: write ${examples}`)
  if (fraction.length > decimals)
    throw new MillraceError(
      'bad_amount',
      `"${text.slice(0, 60)}" has more decimals than its unit has: LPT and ETH have 18, gwei 9`,
    )
  return BigInt(whole + fraction.padEnd(decimals, '0'))
}
