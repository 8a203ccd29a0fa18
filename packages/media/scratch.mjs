import { openMediaEngine } from './dist/transcode/open-engine.js'
import { WholeSegments } from './dist/transcode/transcode-segment.js'
import { DEFAULT_LADDER } from '@millrace/wire'
import { silentLog } from '@millrace/base'
import { readFileSync, writeFileSync } from 'node:fs'
const {engine,why} = await openMediaEngine({threads: 1, engine: process.argv[2]}, {log: console}); console.log(why)
console.log(engine.info)
const s = new WholeSegments(await engine.open({ profiles: DEFAULT_LADDER }))
for (let i = 0; i < 9; i++) {
  const t = performance.now()
  const { outcome, renditions } = await s.transcode({ seq: i, data: readFileSync(`/tmp/mt/s${i%3}.ts`), container: 'mpegts' })
  console.log(outcome, Math.round(performance.now() - t), renditions.map((r) => `${r.width}x${r.height} ${r.frames}f ${r.data.length}B ${r.durationMs}ms ${r.pts}`).join(' | '))
  if(i<3) renditions.forEach((r, k) => writeFileSync(`/tmp/mt/o${i}_${k}.ts`, r.data))
}
await s.close(); await engine.close()
