import type { ReactNode } from 'react'
import type { NetworkInfo } from '../network/network-info.ts'
import { CopyLine } from './copy-line.tsx'
import {
  EXAMPLE_KEY,
  ffmpegFileLine,
  ffmpegTestLine,
  publishLine,
  pushLine,
  SOURCE_LINE,
  TRANSCODE_LINE,
} from './lines.ts'

/** How to send a video into this network. */
export function Publish({ info }: { readonly info: NetworkInfo }) {
  return (
    <div className="ways">
      <Way title="From OBS Studio">
        <p>In Settings → Stream choose the service “Custom …”, then paste both fields:</p>
        <span className="field-name">Server</span>
        <CopyLine label="the server address for OBS" text={info.rtmpUrl} />
        <span className="field-name">Stream key, any name you like</span>
        <CopyLine label="the stream key for OBS" text={EXAMPLE_KEY} />
        <p className="hint">Under Output set the keyframe interval to 2 s or less.</p>
      </Way>
      <Way title="From a camera">
        <p>
          <a href="/camera">Publish from the camera</a> of this machine, or open that page on a phone.
        </p>
        <p className="hint">
          Browsers give cameras to pages of this machine and of HTTPS: start with --lan for phones of the same network,
          with --public for all others.
        </p>
      </Way>
      <Way title="With ffmpeg">
        <p>Send a file as if it were live:</p>
        <CopyLine label="the ffmpeg line for a file" text={ffmpegFileLine(info)} />
        <p>Or a test picture with a tone:</p>
        <CopyLine label="the ffmpeg line for a test picture" text={ffmpegTestLine(info)} />
        <p className="hint">
          The last part of <code>{publishLine(info)}</code> names the stream.
        </p>
      </Way>
      <Way title="From the command line">
        <p>Turn one file into all qualities{info.offchain ? '' : ' and see what it costs'}:</p>
        <CopyLine label="the transcode line" text={TRANSCODE_LINE} />
        <p>Start the network with a file of yours as its stream:</p>
        <CopyLine label="the line that starts with a file" text={SOURCE_LINE} />
        <p>Push a single segment:</p>
        <CopyLine label="the push line" text={pushLine(info)} />
      </Way>
    </div>
  )
}

function Way({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <article className="card way">
      <h3>{title}</h3>
      {children}
    </article>
  )
}
