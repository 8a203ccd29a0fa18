import { appendFileSync, writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { BEATS, DEBUGGED, type WatchdogData } from './watchdog.ts'

const LOOKS = 20
const { limitMs, logFile, shared } = workerData as WatchdogData
const state = new Int32Array(shared)

let last = Atomics.load(state, BEATS)
let still = 0
// Looks are counted, not time: a machine that slept or a process that was stopped is not blocked.
setInterval(() => {
  const beats = Atomics.load(state, BEATS)
  still = beats === last && Atomics.load(state, DEBUGGED) === 0 ? still + 1 : 0
  last = beats
  if (still > LOOKS) end()
}, limitMs / LOOKS)
parentPort?.postMessage('looking')

function end(): void {
  const message = 'the process stands still for good: it ends itself, so that it can be started again'
  const line = `${JSON.stringify({ level: 60, time: Date.now(), blockedMs: limitMs, msg: message })}\n`
  try {
    if (logFile === undefined) writeSync(2, line)
    else appendFileSync(logFile, line)
  } finally {
    // Whatever else ends a process waits for its main thread.
    process.kill(process.pid, 'SIGKILL')
  }
}
