import type { Log } from '@millrace/base'
import { MillraceError, type Rational } from '@millrace/base'
import type { Flag, Role } from './flag.ts'
import { type FlagName, flagNamed } from './flag-table.ts'
import type { FlagTexts } from './parse-args.ts'
import { parseRational } from './rational-text.ts'

const NS_PER: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 }

/** The flags of one process, as texts that are read by kind. */
export class Flags {
  readonly #given: FlagTexts

  constructor(given: FlagTexts) {
    this.#given = given
  }

  /** True when somebody set the flag, to whatever value. */
  isSet(name: FlagName): boolean {
    return this.#given.has(name)
  }

  /** The value as written, or the default. */
  text(name: FlagName): string {
    return this.#given.get(name) ?? flagNamed(name).standard
  }

  /** The value, or undefined when it is empty. */
  optional(name: FlagName): string | undefined {
    return this.text(name) === '' ? undefined : this.text(name)
  }

  /** Parts between commas, without those that are empty. */
  list(name: FlagName): readonly string[] {
    return this.text(name)
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  }

  switch(name: FlagName): boolean {
    const text = this.text(name)
    // The words that Go takes.
    if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
    if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
    throw badFlag(name, 'true or false', text)
  }

  /** A whole number from 0, or from 1 when `least` says so. */
  count(name: FlagName, least = 0): number {
    const text = this.text(name)
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= least)) throw badFlag(name, `a whole number from ${least}`, text)
    return value
  }

  number(name: FlagName): number {
    const text = this.text(name)
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!Number.isFinite(value) || value < 0) throw badFlag(name, 'a number from 0', text)
    return value
  }

  durationMs(name: FlagName): number {
    const text = this.text(name)
    if (text === '0') return 0
    if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text))
      throw badFlag(name, 'a duration such as 1m30s or 500ms', text)
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
    return Math.round(parts.reduce((sum, [, value, unit]) => sum + Number(value) * (NS_PER[unit!] ?? 0), 0) / 1e6)
  }

  /** An amount of wei: a whole number, which may be written with an exponent (1e18). */
  wei(name: FlagName): bigint {
    const value = this.rational(name)
    if (value.den !== 1n) throw badFlag(name, 'a whole number of wei', this.text(name))
    return value.num
  }

  /** An exact number from 0, such as 0.5, 1e12 or 1/3. */
  rational(name: FlagName): Rational {
    const value = parseRational(this.text(name))
    if (!value) throw badFlag(name, 'a number from 0, such as 1200, 0.5 or 1e12', this.text(name))
    return value
  }

  /**
   * Throws `bad_flag` for a value of the wrong kind, and `flag_not_served` for a flag that is known but does nothing here,
   * given with anything but its default: going on without it would be something else than was asked for.
   */
  check(): void {
    for (const name of this.#given.keys()) {
      const flag = flagNamed(name)
      if (flag.standing === 'not_yet' && !this.#isStandard(flag))
        throw new MillraceError(
          'flag_not_served',
          `-${name} (${flag.help}) is a flag of go-livepeer that Millrace does not serve yet: leave it out`,
        )
      this.#read(flag)
    }
  }

  /** Says which flags were taken without doing anything, because they mean nothing here or to these roles. */
  explain(roles: readonly Role[], log: Log): void {
    for (const name of this.#given.keys()) {
      const { standing, help, roles: readers } = flagNamed(name)
      if (standing === 'accepted') log.info('a flag does nothing here', { flag: `-${name}`, why: help })
      else if (!readers.some((role) => roles.includes(role)))
        log.info('a flag does nothing in this role', { flag: `-${name}`, roles: roles.join(',') })
    }
  }

  #isStandard(flag: Flag<FlagName>): boolean {
    if (flag.standard === this.text(flag.name)) return true
    return String(this.#read(flag)) === String(new Flags(new Map()).#read(flag))
  }

  #read({ name, kind }: Flag<FlagName>): unknown {
    if (kind === 'switch') return this.switch(name)
    if (kind === 'count') return this.count(name)
    if (kind === 'number') return this.number(name)
    if (kind === 'duration') return this.durationMs(name)
    return this.text(name)
  }
}

const SECRET: ReadonlySet<FlagName> = new Set([
  'ethPassword',
  'orchSecret',
  'srtPassphrase',
  'join',
  'liveAIAuthApiKey',
  'liveAIHeartbeatHeaders',
  'remoteSignerUrl',
  'remoteSignerHeaders',
  'remoteSignerWebhookUrl',
  'remoteSignerWebhookHeaders',
])

/** The error for a value that does not fit; values that may be secrets are not repeated. */
export const badFlag = (name: FlagName, wanted: string, text: string): MillraceError =>
  new MillraceError(
    'bad_flag',
    `-${name} must be ${wanted}${SECRET.has(name) ? '' : `, not ${JSON.stringify(text.slice(0, 80))}`}`,
  )
