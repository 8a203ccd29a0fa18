import { MillraceError } from '@millrace/base'

/** Public addresses that lead to apps, one for each name (-liveRunnerProxyUrl). */
export type ProxyTemplate = {
  url(name: string): string
  /** The name and the path of the app that a request asks for; undefined where the address is none of these. */
  match(host: string, path: string): { readonly name: string; readonly path: string } | undefined
}

const PLACE = '{proxy}'
const MARK = 'proxy-placeholder'

/** Reads a template with one `{proxy}` in its host, or as the last part of its path; throws `bad_config`. */
export function proxyTemplate(text: string): ProxyTemplate {
  const raw = text.trim()
  if (raw.split(PLACE).length !== 2) throw bad('it must contain exactly one {proxy}')
  const marked = raw.replace(PLACE, MARK)
  if (!URL.canParse(marked)) throw bad('it must be an absolute URL')
  const { protocol, host, hostname, pathname, search, hash } = new URL(marked)
  if (protocol !== 'http:' && protocol !== 'https:') throw bad('its scheme must be http or https')
  if (search !== '' || hash !== '') throw bad('it must end with its path')
  const url = (name: string) => raw.replace(PLACE, encodeURIComponent(name)).replace(/\/+$/, '')
  if (hostname.includes(MARK)) {
    const [before = '', after = ''] = hostname.split(MARK)
    const folder = pathname.replace(/\/+$/, '')
    return {
      url,
      match: (asked, path) => {
        const name = asked.toLowerCase().replace(/:\d+$/, '')
        if (!name.startsWith(before) || !name.endsWith(after) || name.length <= before.length + after.length)
          return undefined
        if (path !== folder && !path.startsWith(`${folder}/`)) return undefined
        return {
          name: name.slice(before.length, name.length - after.length),
          path: path.slice(folder.length).replace(/^\//, ''),
        }
      },
    }
  }
  const [before = '', after = ''] = pathname.split(MARK)
  if (!before.endsWith('/') || (after !== '' && after !== '/')) throw bad('{proxy} must be the last part of its path')
  return {
    url,
    match: (asked, path) => {
      if (asked.toLowerCase() !== host || !path.startsWith(before)) return undefined
      const [name = '', ...rest] = path.slice(before.length).split('/')
      return name === '' ? undefined : { name: decoded(name), path: rest.join('/') }
    },
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

const bad = (why: string): MillraceError =>
  new MillraceError(
    'bad_config',
    `-liveRunnerProxyUrl: ${why}, as in https://apps.example.com/run/{proxy} or https://{proxy}.apps.example.com`,
  )
