import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { MillraceError } from '@millrace/base'

/** A child process that does media work and speaks in structured messages. */
export type MediaChild = {
  readonly pid: number | undefined
  /** False once the process is gone or its channel is closed. */
  readonly alive: boolean
  send(message: unknown): void
  onMessage(listener: (message: never) => void): void
  /** Resolves with a sentence about how it ended; never rejects. */
  readonly exited: Promise<string>
  /** Ends it at once; native code that hangs does not listen to anything milder. */
  kill(): void
  /** Lets this process end although the child runs. */
  unref(): void
  ref(): void
}

const STDERR_TAIL = 2_000

/** Starts a compiled module as a child process. */
export function forkMediaChild(file: URL, args: readonly string[] = []): MediaChild {
  const child = fork(fileURLToPath(file), [...args], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // The environment goes through as it is; glibc's many arenas would cost a long-lived encoder process hundreds of megabytes.
    // SVT-AV1 would tell about each of its encoders.
    env: { ...process.env, MALLOC_ARENA_MAX: '2', SVT_LOG: '1' },
  })
  return wrap(child)
}

function wrap(child: ChildProcess): MediaChild {
  let tail = ''
  let alive = true
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL)
  })
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      alive = false
      resolve(`it could not be started: ${error.message}`)
    })
    child.once('exit', (code, signal) => {
      alive = false
      const how = signal ? `it was ended by ${signal}` : `it ended with code ${code}`
      resolve(tail.trim() ? `${how}: ${tail.trim().split('\n').slice(-3).join(' | ')}` : how)
    })
  })
  child.on('disconnect', () => {
    alive = false
  })
  return {
    get pid() {
      return child.pid
    },
    get alive() {
      return alive && child.connected
    },
    send: (message) => {
      if (!child.connected) throw new MillraceError('engine_died', 'the media process is gone', { retryable: true })
      child.send(message as object, () => {})
    },
    onMessage: (listener) => child.on('message', listener as (message: unknown) => void),
    exited,
    kill: () => void child.kill('SIGKILL'),
    unref: () => {
      child.unref()
      child.channel?.unref()
      const stderr = child.stderr as { unref?: () => void } | null
      stderr?.unref?.()
    },
    ref: () => {
      child.ref()
      child.channel?.ref()
    },
  }
}
