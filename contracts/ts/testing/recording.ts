import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Hex } from 'viem'

// What stands in test/fixtures; its readme explains the format.

/** A value with addresses by name and numbers as decimal strings. */
export type Recorded = string | boolean | Recorded[] | { [field: string]: Recorded }

/** How a call failed. */
export type Revert =
  | { kind: 'reason'; reason: string }
  | { kind: 'panic'; code: Hex }
  | { kind: 'custom'; error: string; args: Recorded[] }
  | { kind: 'empty' }

/** One log. */
export type RecordedEvent = { contract: string; name: string; args: Recorded[] }

/** One transaction of a sequence and what it did. */
export type Step = {
  op: string
  contract: string
  function: string
  sender: string
  args: Recorded[]
  value?: string
  ok: boolean
  revert?: Revert
  events?: RecordedEvent[]
  reads?: { [read: string]: Recorded }
}

/** Network parameters by the names of the recording. */
export type RecordedParameters = Record<
  | 'inflation'
  | 'inflationChange'
  | 'targetBondingRate'
  | 'unbondingPeriod'
  | 'numActiveTranscoders'
  | 'treasuryRewardCutRate'
  | 'treasuryBalanceCeiling'
  | 'roundLength'
  | 'roundLockAmount'
  | 'unlockPeriod'
  | 'ticketValidityPeriod'
  | 'initialLPT'
  | 'ownerLPT',
  string
>

/** Transactions one after the other on a new network. */
export type Sequence = { name: string; parameters: RecordedParameters; steps: Step[] }

/** `[sender, contract, function, args, value]`. */
export type ShortCall = [string, string, string, Recorded[], string?]

/** Recorded gas of named operations. */
export type GasRecording = {
  bases: Record<string, { parameters: RecordedParameters; calls: ShortCall[] }>
  scenarios: {
    name: string
    base: string
    calls: ShortCall[]
    measured: { sender: string; contract: string; function: string; args: Recorded[]; value?: string }
    gasUsed: number
  }[]
}

/** Reads a recording of test/fixtures. */
export function readRecording(name: 'recorded-behaviour'): { sequences: Sequence[] }
export function readRecording(name: 'recorded-gas'): GasRecording
export function readRecording(name: string): unknown {
  const file = new URL(`../../test/fixtures/${name}.json.gz`, import.meta.url)
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'))
}
