// Sessions that keep up with the clock at once, as `millrace bench` measures them, by preset.
import { cpus } from 'node:os'
import { silentLog } from '@millrace/base'
import { generatedClip, measureCapacity, openMediaEngine } from '@millrace/media'
import { DEFAULT_LADDER } from '@millrace/wire'
import { table } from '../measure.js'

const PRESETS = ['ultrafast', 'veryfast', 'medium']
/** The ladder that livepeer_bench uses, of a source of 720p30. */
const LADDERS = { 'default ladder': DEFAULT_LADDER, '360p and 240p': DEFAULT_LADDER.slice(2) }

export async function bench({ quick }) {
  const [clip] = await generatedClip({ seconds: 2 }, { log: silentLog })
  const cores = cpus().length
  const rows = []
  for (const preset of PRESETS) {
    const { engine } = await openMediaEngine({ preset, spare: false }, { log: silentLog })
    try {
      const cells = []
      for (const profiles of Object.values(LADDERS)) {
        const { sessions, ratio } = await measureCapacity(
          { clip, profiles, budgetMs: quick ? 6_000 : 20_000 },
          { engine },
        )
        // A ratio above what a session may take says that not even one keeps up with that much to spare.
        cells.push(`${(ratio > 0.8 ? sessions / ratio : sessions) / cores}`.slice(0, 5), ratio.toFixed(2))
      }
      rows.push([preset, ...cells])
      console.log(`  ${preset}: ${cells.join(' · ')}`)
    } finally {
      await engine.close()
    }
  }
  table(
    ['sessions a core', ...Object.keys(LADDERS).flatMap((name) => [name, 'time a segment takes of its length'])],
    rows,
  )
}
