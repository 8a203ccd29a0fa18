// Processor time of transcoding: our engines, segment by segment, against one plain ffmpeg run over the same input and ladder.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { openMediaEngine, WholeSegments } from '@millrace/media'
import { DEFAULT_LADDER } from '@millrace/wire'
import { bound, cpuSeconds, spread, summary, table } from './measure.js'

const PRESET = 'veryfast'
export const PAIRS = 5

export async function bench({ quick, ffmpeg }) {
  if (!ffmpeg) {
    console.log('NOT RUN: transcoding against plain ffmpeg. To get it: apt-get install ffmpeg')
    return
  }
  const seconds = quick ? 4 : 8
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const engines = []
  try {
    const { input, segments } = await makeInput(ffmpeg, folder, seconds)
    for (const name of ['node-av', 'ffmpeg']) {
      try {
        const { engine } = await openMediaEngine({ engine: name, preset: PRESET, spare: false }, { log: silentLog })
        engines.push({ name, engine })
      } catch (error) {
        console.log(`NOT RUN: the ${name} engine: ${error.message}`)
      }
    }
    const contenders = [
      { name: 'plain ffmpeg, one run', run: () => plain(ffmpeg, folder, input) },
      ...engines.map(({ name, engine }) => ({ name: `${name} engine`, run: () => byEngine(engine, segments) })),
    ]
    const found = Object.fromEntries(contenders.map(({ name }) => [name, { cpu: [], wall: [] }]))
    for (let pair = 0; pair < PAIRS; pair++)
      for (const { name, run } of contenders) {
        const result = await run()
        found[name].cpu.push(result.cpu / segments.length)
        found[name].wall.push(result.wall / segments.length)
        found[name].renditions = result.renditions
        console.log(
          `  round ${pair + 1} of ${PAIRS}, ${name}: ${(result.cpu / segments.length).toFixed(2)} s a segment`,
        )
      }
    const [first] = contenders
    const rows = []
    for (const { name } of contenders) {
      const { cpu, wall } = found[name]
      const ratios = cpu.map((value, i) => value / found[first.name].cpu[i])
      found[name].ratio = summary(ratios).median
      rows.push([name, spread(cpu), spread(wall), spread(ratios)])
    }
    table(['one 2 s segment', 'processor seconds', 'wall seconds', 'against plain ffmpeg'], rows)
    console.log(
      `  median (least to most) of ${PAIRS} rounds of ${segments.length} segments, 720p30, ${PRESET}, 1 thread each\n`,
    )
    const quality = []
    for (const { name } of contenders)
      quality.push([name, ...(await measureQuality(ffmpeg, folder, input, found[name].renditions, seconds))])
    table(['kbit/s · SSIM', ...DEFAULT_LADDER.map((profile) => profile.name)], quality)
    for (const { name } of engines)
      console.log(`  ${name}: ${engines.find((e) => e.name === name).engine.info.version}`)
    const own = found['node-av engine']
    if (own) bound('processor time of the node-av engine against plain ffmpeg', own.ratio, 1.25, 'times')
  } finally {
    for (const { engine } of engines) await engine.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** A moving picture with noise, so that encoders have something to do, as one file and as 2 s segments. */
export async function makeInput(ffmpeg, folder, seconds, { size = '1280x720', rate = '5M' } = {}) {
  const input = join(folder, 'input.ts')
  const source = `testsrc2=size=${size}:rate=30,noise=alls=10:allf=t`
  const made = spawnSync(ffmpeg, [
    ...[
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      source,
      '-f',
      'lavfi',
      '-i',
      'sine=sample_rate=48000',
      '-t',
      String(seconds),
    ],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-b:v', rate, '-maxrate', rate, '-bufsize', rate, '-g', '60'],
    ...['-bf', '0', '-pix_fmt', 'yuv420p', '-sc_threshold', '0', '-c:a', 'aac', '-y', input],
  ])
  if (made.status !== 0) throw new Error(`ffmpeg could not make the input: ${made.stderr}`)
  const cut = spawnSync(ffmpeg, [
    ...['-v', 'error', '-i', input, '-map', '0', '-c', 'copy', '-copyts', '-muxdelay', '0', '-muxpreload', '0'],
    ...['-f', 'segment', '-segment_time', '2', '-segment_format', 'mpegts', join(folder, 'cut-%03d.ts')],
  ])
  if (cut.status !== 0) throw new Error(`ffmpeg could not cut the input: ${cut.stderr}`)
  const names = (await readdir(folder)).filter((name) => name.startsWith('cut-')).sort()
  const paths = names.map((name) => join(folder, name))
  return { input, paths, segments: await Promise.all(paths.map((path) => readFile(path))) }
}

export async function byEngine(engine, segments, preset = PRESET) {
  const session = new WholeSegments(await engine.open({ profiles: DEFAULT_LADDER, preset }))
  try {
    const renditions = DEFAULT_LADDER.map(() => [])
    const before = cpuSeconds(process.pid)
    const began = performance.now()
    for (const [seq, data] of segments.entries()) {
      const made = await session.transcode({ seq, data, container: 'mpegts' })
      for (const [i, { data: bytes }] of made.renditions.entries()) renditions[i].push(bytes)
    }
    const wall = (performance.now() - began) / 1000
    // This process counts, too: handing segments to another process and back belongs to the price.
    return {
      cpu: cpuSeconds(process.pid) - before,
      wall,
      renditions: renditions.map((r) => Buffer.concat(r)),
    }
  } finally {
    await session.close()
  }
}

/** One ffmpeg program that decodes once and encodes the whole ladder, with the engines' encoder settings. */
export async function plain(ffmpeg, folder, input, preset = PRESET) {
  const args = ['-v', 'error', '-y', '-threads', '1', '-i', input]
  const graph = DEFAULT_LADDER.map(({ width, height }, i) => `[s${i}]scale=${width}:${height}[v${i}]`)
  const inputs = DEFAULT_LADDER.map((_, i) => `[s${i}]`).join('')
  args.push('-filter_complex_threads', '1')
  args.push('-filter_complex', [`[0:v]split=${DEFAULT_LADDER.length}${inputs}`, ...graph].join(';'))
  const paths = DEFAULT_LADDER.map(({ name }) => join(folder, `plain-${name}.ts`))
  for (const [i, { bitrateBps }] of DEFAULT_LADDER.entries()) {
    const rate = String(bitrateBps)
    args.push('-map', `[v${i}]`, '-map', '0:a', '-c:a', 'copy', '-c:v', 'libx264', '-threads', '1', '-preset', preset)
    args.push('-profile:v', 'high', '-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', rate, '-bf', '0')
    args.push('-g', '60', '-force_key_frames', 'expr:gte(t,n_forced)', '-forced-idr', '1', paths[i])
  }
  const before = cpuSeconds(process.pid)
  const began = performance.now()
  const child = spawn(ffmpeg, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const status = await new Promise((resolve) => child.once('close', resolve))
  if (status !== 0) throw new Error(`plain ffmpeg ended with ${status}`)
  const wall = (performance.now() - began) / 1000
  const cpu = cpuSeconds(process.pid) - before
  return { cpu, wall, renditions: await Promise.all(paths.map((path) => readFile(path))) }
}

/** Bit rate and likeness of each rendition to the input at the rendition's size. */
export async function measureQuality(ffmpeg, folder, input, renditions, seconds) {
  const cells = []
  for (const [i, { width, height, name }] of DEFAULT_LADDER.entries()) {
    const path = join(folder, `quality-${name}.ts`)
    await writeFile(path, renditions[i])
    const even = 'setpts=N/30/TB'
    const graph = `[1:v]scale=${width}:${height}:flags=bicubic,${even}[ref];[0:v]scale=${width}:${height},${even}[got];[got][ref]ssim`
    const { stderr } = spawnSync(
      ffmpeg,
      ['-hide_banner', '-i', path, '-i', input, '-lavfi', graph, '-an', '-f', 'null', '-'],
      { encoding: 'utf8' },
    )
    const ssim = /SSIM.*All:([\d.]+)/.exec(stderr)?.[1] ?? '?'
    cells.push(`${((renditions[i].length * 8) / seconds / 1000).toFixed(0)} · ${Number(ssim).toFixed(4)}`)
  }
  return cells
}
