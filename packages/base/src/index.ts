export { AsyncQueue } from './async-queue.ts'
export {
  bigintToBytes,
  bigintToFixed,
  bytesToBigint,
  concatBytes,
  equalBytes,
  fromHex,
  type Hex,
  toHex,
  utf8,
} from './bytes.ts'
export { type Clock, ManualClock, systemClock } from './clock.ts'
export { type ErrorMeta, type ErrorOptions, errorText, hasCode, MillraceError } from './errors.ts'
export { keccak256 } from './keccak.ts'
export { Lifecycle, type Part } from './lifecycle.ts'
export { type Log, type LogFields, silentLog } from './log.ts'
export { type RetryOptions, withRetry, withTimeout } from './retry.ts'
export {
  addRational,
  type BlockNumber,
  ceilRational,
  compareRational,
  floorRational,
  type Lpt,
  type Millis,
  multiplyRational,
  type Perc6,
  type Perc9,
  type Perc27,
  type Pixels,
  type Rational,
  type Round,
  rational,
  subtractRational,
  type Tagged,
  TICKS_PER_MS,
  type Ticks90k,
  ticksToMs,
  type Wei,
} from './units.ts'
