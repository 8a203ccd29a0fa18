/** An amount of wei in the unit that reads best: wei, gwei or ETH. */
export function formatWei(wei: bigint): string {
  if (wei < 1_000_000n) return `${wei} wei`
  if (wei < 1_000_000_000_000_000n) return `${decimal(wei, 9)} gwei`
  return `${decimal(wei, 18)} ETH`
}

/** An amount of LPT (1e-18 units) with up to four decimals. */
export const formatLpt = (amount: bigint): string => `${decimal(amount, 18)} LPT`

/** Parts per million as a percentage. */
export const formatPerc6 = (value: bigint): string => `${Number(value) / 10_000} %`

/** Parts per thousand million as a percentage. */
export const formatPerc9 = (value: bigint): string => `${Number(value) / 10_000_000} %`

function decimal(amount: bigint, decimals: number): string {
  const unit = 10n ** BigInt(decimals)
  const whole = amount / unit
  const rest = (amount % unit).toString().padStart(decimals, '0').slice(0, 4).replace(/0+$/, '')
  const grouped = whole.toString().replace(/\B(?=(\d{3})+$)/g, ',')
  return rest && whole < 1_000n ? `${grouped}.${rest}` : grouped
}
