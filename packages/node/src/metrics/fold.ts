import type { NodeEvent } from '@millrace/wire'

/** Takes one event into the metrics it knows; events of other kinds pass by. */
export type Fold = (event: NodeEvent) => void

/** An amount of wei, as events carry it, in gwei. */
export const gwei = (wei: string): number => Number(BigInt(wei)) / 1e9

/** A fraction as events carry it, "3/2" for example. */
export function fraction(text: string): number {
  const [num = '0', den = '1'] = text.split('/')
  return Number(num) / Number(den)
}
