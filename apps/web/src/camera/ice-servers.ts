/** The servers of a `Link` header as a WHIP server sends it (RFC 9725, section 4.6); links of other kinds are left out. */
export function iceServersOf(link: string | null): RTCIceServer[] {
  return [...(link ?? '').matchAll(/<([^>]*)>((?:\s*;\s*[\w-]+=(?:"[^"]*"|[^\s;,"]*))*)/g)].flatMap(
    ([, urls = '', rest = '']) => {
      const values = new Map(
        [...rest.matchAll(/([\w-]+)=(?:"([^"]*)"|([^\s;,"]*))/g)].map(([, name = '', quoted, bare]) => [
          name,
          quoted ?? bare,
        ]),
      )
      if (values.get('rel') !== 'ice-server') return []
      const [username, credential] = [values.get('username'), values.get('credential')]
      return [{ urls, ...(username !== undefined && credential !== undefined && { username, credential }) }]
    },
  )
}
