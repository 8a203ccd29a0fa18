import { formatWei, type StreamView } from '@millrace/wire'
import { formatBytes, formatCount, formatSeconds } from '../format/numbers.ts'
import { Figure, Value } from './figure.tsx'

/** What came in and went out of one stream. */
export function StreamFigures({ stream, paying }: { readonly stream: StreamView; readonly paying: boolean }) {
  const { segmentsIn, segmentsOut, lastDelayMs, fallback, missing, paid, feesWei } = stream
  return (
    <>
      <dl className="figures">
        <Figure name="segments-in" label="Segments in" value={segmentsIn} text={formatCount(segmentsIn)} />
        <Figure
          name="segments-out"
          label="Segments out"
          value={segmentsOut}
          text={formatCount(segmentsOut)}
          {...(paying && {
            hint: <Value name="stream-paid" value={paid} text={`${formatCount(paid)} of them paid`} />,
          })}
        />
        <Figure
          name="delay-ms"
          label="Time to transcode"
          value={lastDelayMs ?? ''}
          text={lastDelayMs === undefined ? '–' : formatSeconds(lastDelayMs)}
        />
        {paying && <Figure name="stream-fees-wei" label="Cost so far" value={feesWei} text={formatWei(feesWei)} />}
        <Figure
          name="stream-fallback"
          label="Made by stand-in"
          value={fallback}
          text={formatCount(fallback)}
          {...(fallback > 0 && { tone: 'warn' })}
        />
        <Figure
          name="stream-missing"
          label="Missing"
          value={missing}
          text={formatCount(missing)}
          {...(missing > 0 && { tone: 'warn' })}
        />
      </dl>
      <RenditionTable stream={stream} />
    </>
  )
}

function RenditionTable({ stream }: { readonly stream: StreamView }) {
  return (
    <table className="renditions">
      <thead>
        <tr>
          <th scope="col">Quality</th>
          <th scope="col">Segments</th>
          <th scope="col">Size</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(stream.renditions).map(([name, { segments, bytes }]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <Value name={`rendition-segments:${name}`} value={segments} text={formatCount(segments)} />
            </td>
            <td>
              <Value name={`rendition-bytes:${name}`} value={bytes} text={formatBytes(bytes)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
