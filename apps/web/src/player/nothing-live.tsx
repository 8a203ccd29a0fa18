import type { NetworkInfo } from '../network/network-info.ts'
import type { LinkState } from '../network/network-store.ts'
import { CopyLine } from '../publish/copy-line.tsx'
import { publishLine } from '../publish/lines.ts'

/** Stands where the picture will be, as long as nothing is live. */
export function NothingLive({ link, info }: { readonly link: LinkState; readonly info: NetworkInfo | undefined }) {
  if (link !== 'live')
    return (
      <div className="nothing-live">
        <h3>{link === 'lost' ? 'The network does not answer' : 'Looking for the network …'}</h3>
        <p>This page tries again every second and goes on by itself.</p>
      </div>
    )
  return (
    <div className="nothing-live">
      <h3>Nothing is live yet</h3>
      <p>Publish a video and it shows up here within seconds:</p>
      {info && <CopyLine label="the publishing address" text={publishLine(info)} />}
    </div>
  )
}
