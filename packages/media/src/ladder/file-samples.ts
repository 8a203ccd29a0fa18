import type { Log } from '@millrace/base'
import { manifestId } from '@millrace/wire'
import { cutFile } from '../remux/cut-file.ts'
import type { Hasher } from '../segment/open-segment.ts'
import type { ComplexitySample } from './complexity.ts'

/** A long file is read only as far as this takes. */
const READ_WITHIN_MS = 10_000
const SAMPLE_MS = 2_000

/** Segments of two seconds from all over a file of the operator's own, as far as they are found within ten seconds; throws as `cutFile`. */
export async function fileSamples(
  path: string,
  count: number,
  deps: { readonly log: Log; readonly hashing: Hasher },
): Promise<readonly ComplexitySample[]> {
  const signal = AbortSignal.timeout(READ_WITHIN_MS)
  const file = await cutFile(path, { manifestId: manifestId('samples'), targetMs: SAMPLE_MS, signal }, deps)
  const lengthMs = file.durationMs ?? 0
  const samples: ComplexitySample[] = []
  let atMs = 0
  try {
    for await (const segment of file.segments) {
      const { data, durationMs } = await segment.closed
      const wantedMs = ((samples.length + 0.5) / count) * lengthMs
      // Of a length that is not known, the first ones.
      if (atMs + durationMs > wantedMs) samples.push({ data, container: segment.container })
      atMs += durationMs
      if (samples.length >= count) break
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await file.close()
  }
  return samples
}
