import { silentLog } from '@millrace/base'
import { FolderStore } from '../storage/folder.ts'
import { Recorder } from './recorder.ts'

/** Records as fast as it can into the folder of its first argument, until it is killed. */
const store = new FolderStore({ path: process.argv[2] as string })
const recorder = new Recorder({ manifestId: 'clip', nodeId: 'gateway' }, { store, log: silentLog })
for (let seq = 0; seq < 100_000; seq++) {
  for (const name of ['source', '240p0'])
    recorder.put(
      { name, bandwidthBps: 1, width: 2, height: 2 },
      { seq, durationMs: 2_000, container: 'mpegts', data: new Uint8Array(40_000).fill(seq & 255) },
    )
  await new Promise((resolve) => setTimeout(resolve, 1))
  if (seq === 30) process.send?.('under way')
}
