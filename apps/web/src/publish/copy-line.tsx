import { useEffect, useState } from 'react'

const SHOWN_MS = 2_000

/** A line to paste elsewhere, with a button that copies it. */
export function CopyLine({ label, text }: { readonly label: string; readonly text: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <div className="copy-line">
      <code>{text}</code>
      <button type="button" aria-label={`Copy ${label}`} onClick={() => void copyText(text).then(setCopied)}>
        {copied ? 'Copied' : 'Copy'}
      </button>
      <span className="only-heard" aria-live="polite">
        {copied ? `Copied ${label}` : ''}
      </span>
    </div>
  )
}

/** Copies a text, also where the page is not on a secure origin; false when the browser refuses. */
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      // A browser may refuse this way and still allow the older one.
    }
  }
  const field = document.createElement('textarea')
  field.value = text
  field.style.position = 'fixed'
  field.style.opacity = '0'
  document.body.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  return done
}
