import { isCarriedByTs } from '@millrace/wire/profiles'
import type { TranscodeOptions } from './av-transcoder.ts'
import { encoderSettings, gopSize } from './encoder-settings.ts'
import type { Size } from './scaled-size.ts'

/** The command line for one segment: a transport stream on standard input, one transport stream a rendition, or IVF for codecs that MPEG-TS does not carry, on descriptors 3, 4 and so on. */
export function ffmpegArguments(
  options: TranscodeOptions & { readonly sizes: readonly Size[]; readonly fps: number },
): string[] {
  const { profiles } = options
  const threads = String(options.threads)
  const args = ['-hide_banner', '-v', 'error', '-threads', threads, '-copyts', '-f', 'mpegts', '-i', 'pipe:0']
  args.push('-filter_complex_threads', threads, '-filter_complex', filterGraph(options))
  for (const [i, profile] of profiles.entries()) {
    const settings = encoderSettings(profile, options.preset)
    const rate = profile.fps > 0 ? profile.fps / (profile.fpsDen ?? 1) : options.fps
    args.push('-map', `[out${i}]`, '-c:v', settings.encoder, '-threads', threads)
    // -vsync has been renamed to -fps_mode, but old and new programs still know it.
    args.push('-vsync', 'passthrough', '-enc_time_base', '1:90000')
    args.push('-b:v', String(settings.bitrate), '-bufsize', String(settings.bitrate))
    if (settings.maxRate > 0) args.push('-maxrate', String(settings.maxRate))
    if (settings.minRate > 0) args.push('-minrate', String(settings.minRate))
    if (settings.qMin > 0) args.push('-qmin', String(settings.qMin))
    args.push('-bf', String(settings.bFrames), '-g', String(gopSize(profile, rate)))
    for (const [name, value] of settings.options) args.push(`-${name}`, value)
    args.push('-force_key_frames', keyFrames(profile.gopMs))
    const container = isCarriedByTs(profile.codec)
      ? ['-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts']
      : ['-f', 'ivf']
    args.push(...container, `pipe:${3 + i}`)
  }
  return args
}

/** Each size is made from the next larger one, as the other engine does it. */
function filterGraph(options: TranscodeOptions & { readonly sizes: readonly Size[] }): string {
  const order = options.profiles
    .map((profile, index) => ({ profile, index, size: options.sizes[index]! }))
    .sort((a, b) => b.size.width * b.size.height - a.size.width * a.size.height)
  const steps: string[] = []
  let from = '0:v:0'
  for (const [i, { profile, index, size }] of order.entries()) {
    const fps = profile.fps > 0 ? `,fps=${profile.fps}/${profile.fpsDen ?? 1}` : ''
    const scale = `[${from}]scale=${size.width}:${size.height}:flags=bicubic,format=yuv420p`
    if (i === order.length - 1) steps.push(`${scale}${fps}[out${index}]`)
    else {
      steps.push(`${scale},split[a${i}][b${i}]`, `[a${i}]null${fps}[out${index}]`)
      from = `b${i}`
    }
  }
  return steps.join(';')
}

/** The first frame, then one each gop by time stamp; half a millisecond of tolerance for the program's rounding. */
function keyFrames(gopMs: number): string {
  if (gopMs < 0) return 'expr:1'
  if (gopMs === 0) return 'expr:eq(n,0)'
  return `expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+${gopMs / 1_000}-0.0005))`
}
