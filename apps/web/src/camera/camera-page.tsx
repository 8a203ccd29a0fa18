import { useEffect, useRef, useState } from 'react'
import { readInfo } from '../network/network-info.ts'
import { type Facing, useCamera } from './use-camera.ts'
import { type PublishState, WhipPublisher } from './whip-publisher.ts'

const NAME = 'camera'

/** A page for a phone: its camera becomes a stream of this network. */
export function CameraPage() {
  const [facing, setFacing] = useState<Facing>('environment')
  const [stream, setStream] = useState(NAME)
  const [key, setKey] = useState(() => decodeURIComponent(location.hash.slice(1)))
  const [asksKey, setAsksKey] = useState(false)
  const [securePort, setSecurePort] = useState<number>()
  const [state, setState] = useState<PublishState>()
  const publisher = useRef<WhipPublisher>(undefined)
  const preview = useRef<HTMLVideoElement>(null)
  const camera = useCamera(facing)
  const media = camera.kind === 'open' ? camera.media : undefined

  useEffect(() => {
    void readInfo().then((info) => {
      setAsksKey(info?.asksKey ?? false)
      setSecurePort(info?.securePort)
    })
  }, [])
  useEffect(() => {
    if (preview.current && media) preview.current.srcObject = media
    if (media) void publisher.current?.show(media)
  }, [media])
  useEffect(() => () => publisher.current?.stop(), [])

  const begin = () => {
    if (!media) return
    publisher.current = new WhipPublisher({ stream, key, media }, setState)
  }
  const end = () => {
    publisher.current?.stop()
    publisher.current = undefined
    setState(undefined)
  }
  const isOn = state !== undefined && state.kind !== 'refused'

  return (
    <main className="camera-page">
      <h1>Publish from this camera</h1>
      {camera.kind === 'insecure' && <Insecure port={securePort} />}
      {camera.kind === 'denied' && (
        <p role="alert">The browser gives no camera ({camera.why}). Allow camera and microphone for this page.</p>
      )}
      <video ref={preview} muted autoPlay playsInline />
      <p className="camera-state" role="status">
        {textOf(state)}
      </p>
      <div className="camera-controls">
        <label>
          Stream{' '}
          <input value={stream} onChange={(event) => setStream(event.target.value)} disabled={isOn} maxLength={64} />
        </label>
        {asksKey && (
          <label>
            Key{' '}
            <input
              type="password"
              autoComplete="off"
              value={key}
              onChange={(event) => setKey(event.target.value)}
              disabled={isOn}
            />
          </label>
        )}
        <button type="button" onClick={isOn ? end : begin} disabled={!media || stream === ''}>
          {isOn ? 'Stop' : 'Go live'}
        </button>
        <button type="button" onClick={() => setFacing(facing === 'user' ? 'environment' : 'user')}>
          Other camera
        </button>
      </div>
      <p className="hint">
        <a href="/">Watch it</a> on the main page.
      </p>
    </main>
  )
}

function Insecure({ port }: { readonly port: number | undefined }) {
  const address = port === undefined ? undefined : `https://${location.hostname}:${port}/camera`
  return (
    <p role="alert">
      Browsers give the camera to pages by HTTPS only.{' '}
      {address ? (
        <>
          Open <a href={address}>{address}</a>. It has a certificate that this machine made itself, so the browser
          warns: go on by “Advanced”, then “Proceed” (Safari: “Show details”, then “visit this website”).
        </>
      ) : (
        'Start the network with --lan or --public.'
      )}
    </p>
  )
}

function textOf(state: PublishState | undefined): string {
  if (state === undefined) return 'Not live'
  if (state.kind === 'connecting') return 'Connecting …'
  if (state.kind === 'live') return 'Live'
  if (state.kind === 'lost') return `Trying again: ${state.why}`
  return state.status === 401 ? 'The key is wrong or missing.' : `Refused: ${state.why}`
}
