import { version } from '../../package.json'

/** The version, and what of the media code is under another licence. */
export function PageFooter() {
  return (
    <footer className="page-footer">
      <p>
        Millrace {version}. FFmpeg’s GPL build runs in a child process only; it is optional and not part of Millrace,
        which is under the MIT licence.
      </p>
    </footer>
  )
}
