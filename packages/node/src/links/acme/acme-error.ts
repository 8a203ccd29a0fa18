import { type ErrorOptions, MillraceError } from '@millrace/base'

/** Why there is no certificate. `acme_challenge_failed`: the authority did not see what it should at the name's own port 80. */
export class AcmeError extends MillraceError {
  constructor(
    code: 'acme_unreachable' | 'acme_refused' | 'acme_rate_limited' | 'acme_challenge_failed' | 'acme_failed',
    message: string,
    options: ErrorOptions = {},
  ) {
    super(code, message, options)
  }
}

/** What a server says of its refusal (RFC 7807); the text is kept as it came, shortened. */
export function problemText(body: string): { readonly type: string; readonly text: string } {
  try {
    const { type, detail, subproblems } = JSON.parse(body) as Record<string, unknown>
    const more = Array.isArray(subproblems)
      ? subproblems.map((one) => (one as { detail?: unknown } | null)?.detail).filter((one) => typeof one === 'string')
      : []
    const text = [detail, ...more].filter((one) => typeof one === 'string').join('; ')
    return { type: typeof type === 'string' ? type.replace(/^urn:ietf:params:acme:error:/, '') : '', text: shown(text) }
  } catch {
    return { type: '', text: shown(body) }
  }
}

const shown = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a server says is shown in a terminal
  text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 500)
