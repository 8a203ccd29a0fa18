import type { NetworkInfo } from '../network/network-info.ts'

/** The stream key that the examples use. */
export const EXAMPLE_KEY = 'my-stream'

/** Where a publisher sends a stream. */
export const publishLine = ({ rtmpUrl }: NetworkInfo): string => `${rtmpUrl}/${EXAMPLE_KEY}`

/** Publishes a file in real time. */
export const ffmpegFileLine = (info: NetworkInfo): string =>
  `ffmpeg -re -i video.mp4 -c:v libx264 -preset veryfast -g 60 -pix_fmt yuv420p -c:a aac -f flv ${publishLine(info)}`

/** Publishes a test picture with a tone, for those who have no file at hand. */
export const ffmpegTestLine = (info: NetworkInfo): string =>
  `ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine=frequency=440 -c:v libx264 -preset veryfast -g 60 -pix_fmt yuv420p -c:a aac -f flv ${publishLine(info)}`

/** Pushes one segment over HTTP. */
export const pushLine = ({ gatewayUrl }: NetworkInfo): string =>
  `curl -T segment.ts ${gatewayUrl}/live/${EXAMPLE_KEY}/0.ts`

export const TRANSCODE_LINE = 'npx millrace transcode video.mp4 renditions/'
export const SOURCE_LINE = 'npx millrace up --source video.mp4 --loop'
