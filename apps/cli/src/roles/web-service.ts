import type { WebService } from '@millrace/node'
import type { FlagName } from '../flags/flag-table.ts'
import { badFlag, type Flags } from '../flags/flags.ts'

/** An address that a node asks; it is not repeated in errors, since it may hold a key. */
export function webAddress(flags: Flags, name: FlagName): string | undefined {
  const text = flags.optional(name)
  if (text === undefined) return undefined
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text))
    throw badFlag(name, 'an address that begins with http:// or https://', '(not shown)')
  return text
}

/** An address with headers that may be secret; where it has no scheme it is https, as go-livepeer has it. */
export function remoteService(flags: Flags, url: FlagName, headers: FlagName): WebService | undefined {
  const text = flags.optional(url)
  if (text === undefined) return undefined
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`
  if (!/^https?:\/\/[^/]/i.test(full) || !URL.canParse(full))
    throw badFlag(url, 'host:port, or an address that begins with http:// or https://', '(not shown)')
  const named = headersOf(flags, headers)
  return { url: full, ...(Object.keys(named).length > 0 && { headers: named }) }
}

/** `name:value,name2:value2`; a value has no comma in it. */
function headersOf(flags: Flags, name: FlagName): Record<string, string> {
  const wrong = () => badFlag(name, 'headers as name:value, with commas between them', '(not shown)')
  return Object.fromEntries(
    flags.list(name).map((part) => {
      const at = part.indexOf(':')
      const header = [part.slice(0, at).trim(), part.slice(at + 1).trim()] as const
      if (at < 1 || !/^[\w!#$%&'*+.^`|~-]+$/.test(header[0]) || !/^[\x20-\x7e]*$/.test(header[1])) throw wrong()
      return header
    }),
  )
}
