import type { VideoProfile } from './video-profile.ts'

const preset = (
  name: string,
  width: number,
  height: number,
  kbps: number,
  fps: number,
): readonly [string, VideoProfile] => [
  name,
  { name, width, height, bitrateBps: kbps * 1000, fps, format: 'mpegts', gopMs: 0, codec: 'h264' },
]

/** The profiles that operators and webhooks ask for by name (`-transcodingOptions`, `presets`). */
export const PROFILE_PRESETS: ReadonlyMap<string, VideoProfile> = new Map([
  preset('P720p60fps16x9', 1280, 720, 6000, 60),
  preset('P720p30fps16x9', 1280, 720, 4000, 30),
  preset('P720p25fps16x9', 1280, 720, 3500, 25),
  preset('P720p30fps4x3', 960, 720, 3500, 30),
  preset('P576p30fps16x9', 1024, 576, 1500, 30),
  preset('P576p25fps16x9', 1024, 576, 1500, 25),
  preset('P360p30fps16x9', 640, 360, 1200, 30),
  preset('P360p25fps16x9', 640, 360, 1000, 25),
  preset('P360p30fps4x3', 480, 360, 1000, 30),
  preset('P240p30fps16x9', 426, 240, 600, 30),
  preset('P240p25fps16x9', 426, 240, 600, 25),
  preset('P240p30fps4x3', 320, 240, 600, 30),
  preset('P144p30fps16x9', 256, 144, 400, 30),
])
