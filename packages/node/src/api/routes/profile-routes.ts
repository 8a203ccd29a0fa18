import { type HeapProfiler, type Profiler, Session } from 'node:inspector/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, type Reply, type RouteCall, type Routes, text } from '../route.ts'

const USUAL_SECONDS = { profile: 30, heap: 5 }
const MOST_SECONDS = 300
/** Bytes between two looks at who allocates: a thousand times finer than what would be seen in a figure of memory. */
const HEAP_STEP_BYTES = 32_768

const INDEX = `/debug/pprof/profile?seconds=30  where processor time goes, as .cpuprofile
/debug/pprof/heap?seconds=5      who allocates memory that is still held at the end, as .heapprofile
Open the files with the developer tools of a browser, or with an editor that knows them.
`

/** Profiles of the running process, for this machine alone. Snapshots of memory are not given, because keys are in them. */
export function profileRoutes(): Routes {
  let running = false
  const once = async (work: () => Promise<Reply>): Promise<Reply> => {
    if (running) throw new ApiError(503, 'a profile is being taken: ask again when it is done')
    running = true
    try {
      return await work()
    } finally {
      running = false
    }
  }
  return {
    '/debug/': (call) => {
      switch (call.path.replace(/^\/debug\/pprof\/?/, '')) {
        case '':
          return text(INDEX)
        case 'profile':
          return once(() => cpuProfile(call))
        case 'heap':
        case 'allocs':
          return once(() => heapProfile(call))
        default:
          throw new ApiError(404, `there is nothing at ${call.path.slice(0, 100)}: see /debug/pprof/`)
      }
    },
  }
}

const cpuProfile = (call: RouteCall): Promise<Reply> =>
  inspect(async (session) => {
    await session.post('Profiler.enable')
    await session.post('Profiler.start')
    await wait(call, USUAL_SECONDS.profile)
    const { profile }: Profiler.StopReturnType = await session.post('Profiler.stop')
    return profileReply(profile)
  })

const heapProfile = (call: RouteCall): Promise<Reply> =>
  inspect(async (session) => {
    await session.post('HeapProfiler.enable')
    await session.post('HeapProfiler.startSampling', { samplingInterval: HEAP_STEP_BYTES })
    await wait(call, USUAL_SECONDS.heap)
    const { profile }: HeapProfiler.StopSamplingReturnType = await session.post('HeapProfiler.stopSampling')
    return profileReply(profile)
  })

/** Works with the inspector of this process, which opens no port for that. */
async function inspect(work: (session: Session) => Promise<Reply>): Promise<Reply> {
  const session = new Session()
  session.connect()
  try {
    return await work(session)
  } finally {
    session.disconnect()
  }
}

async function wait({ parameters, signal }: RouteCall, usualSeconds: number): Promise<void> {
  const asked = parameters.find('seconds')
  const seconds = asked === undefined ? usualSeconds : Number(asked)
  if (!Number.isFinite(seconds) || seconds <= 0 || seconds > MOST_SECONDS)
    throw new ApiError(400, `seconds must be a number above 0 and at most ${MOST_SECONDS}`)
  await sleep(1_000 * seconds, undefined, { signal, ref: false }).catch(() => {
    throw new ApiError(503, 'the node is stopping')
  })
}

const profileReply = (profile: unknown): Reply => ({
  status: 200,
  type: 'application/json',
  body: JSON.stringify(profile),
})
