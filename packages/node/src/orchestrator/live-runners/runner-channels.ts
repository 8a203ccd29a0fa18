import { ComputeError, type TrickleChannel } from '@millrace/ai'
import { type Log, utf8 } from '@millrace/base'
import type { TrickleMount } from '../../links/http/trickle-mount.ts'
import type { LiveRunner, RunnerSession, SessionChannel } from './live-runner.ts'

export type RunnerChannelsOptions = {
  /** Where apps reach this orchestrator. */
  readonly runnerAddr: () => string
  readonly keepAliveMs?: number
}

const MAX_CHANNELS = 25
const KEEP_ALIVE_MS = 10_000

/** The trickle channels of live runners: those that an app asks for in a session, and the one by which the orchestrator tells it of sessions. */
export class RunnerChannels {
  readonly #options: RunnerChannelsOptions
  readonly #trickle: TrickleMount
  readonly #log: Log
  /** By runner. */
  readonly #control = new Map<LiveRunner, { readonly name: string; readonly timer: NodeJS.Timeout }>()

  constructor(options: RunnerChannelsOptions, deps: { readonly trickle: TrickleMount; readonly log: Log }) {
    this.#options = options
    this.#trickle = deps.trickle
    this.#log = deps.log
  }

  /** The channel from the orchestrator to an app that registered itself. */
  openControl(runner: LiveRunner): Omit<SessionChannel, 'internal_url'> {
    const name = `${runner.id}-${runner.derive('trickle:o2r').slice(0, 16)}-o2r`
    const channel = this.#trickle.create(name, 'application/json', { owner: `runner ${runner.id}` })
    const timer = setInterval(() => write(channel, { keep: 'alive' }), this.#options.keepAliveMs ?? KEEP_ALIVE_MS)
    timer.unref()
    this.#control.set(runner, { name, timer })
    runner.told = (event, session) => write(channel, { event, session, timestamp: new Date().toISOString() })
    return {
      ...{ name: 'o2r', channel_name: name, mime_type: 'application/json' },
      url: this.#trickle.url(name, this.#options.runnerAddr()),
    }
  }

  closeControl(runner: LiveRunner): void {
    const control = this.#control.get(runner)
    this.#control.delete(runner)
    runner.told = undefined
    if (!control) return
    clearInterval(control.timer)
    this.#trickle.close(control.name)
  }

  /** The channel of this name; one that is there already is the same. Throws ComputeErrors. */
  open(session: RunnerSession, asked: string, mimeType: string): SessionChannel {
    const name = nameOf(asked)
    const known = session.channels.get(name)
    if (known) return known
    if (session.channels.size >= MAX_CHANNELS)
      throw new ComputeError('compute_bad_request', `a session has ${MAX_CHANNELS} channels at most`)
    const channelName = `${session.id}-${name}`
    const type = mimeType.trim() || 'application/octet-stream'
    this.#trickle.create(channelName, type, {
      owner: `session ${session.id}`,
      onClose: () => session.channels.delete(name),
    })
    const channel: SessionChannel = {
      ...{ name, channel_name: channelName, mime_type: type },
      url: this.#trickle.url(channelName),
      internal_url: this.#trickle.url(channelName, this.#options.runnerAddr()),
    }
    session.channels.set(name, channel)
    this.#log.debug('a session opened a channel', { session: session.id, name })
    return channel
  }

  /** Throws `compute_not_found`. */
  close(session: RunnerSession, asked: string): void {
    const channel = session.channels.get(nameOf(asked))
    if (!channel) throw new ComputeError('compute_not_found', 'trickle channel not found')
    session.channels.delete(channel.name)
    this.#trickle.close(channel.channel_name)
  }

  closeAll(session: RunnerSession): void {
    for (const { channel_name: name } of [...session.channels.values()]) this.#trickle.close(name)
    session.channels.clear()
  }
}

function nameOf(text: string): string {
  const name = text.trim().replaceAll('/', '-')
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(name))
    throw new ComputeError(
      'compute_bad_request',
      'trickle channel name may only contain alphanumerics, underscores, or hyphens',
    )
  return name
}

function write(channel: TrickleChannel, message: unknown): void {
  if (channel.closed) return
  const segment = channel.toWrite(channel.nextWrite)
  channel.begun(segment)
  segment.write(utf8(JSON.stringify(message)))
  segment.close()
}
