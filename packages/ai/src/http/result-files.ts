import type { AiFile } from '../files.ts'
import type { AiResult } from '../runners/runner.ts'

const MAX_DEPTH = 8

/** The response with each `url` that names a file of the result replaced by where that file is. */
export function placeFiles(
  { response, files }: AiResult,
  place: (file: AiFile) => string,
): Readonly<Record<string, unknown>> {
  const named = new Map(files.map((file) => [file.name, file]))
  const placed = new Map<string, string>()
  return mapUrls(response, (url) => {
    const file = named.get(url)
    if (!file) return url
    const where = placed.get(url) ?? place(file)
    placed.set(url, where)
    return where
  })
}

/** Every `url` of a response, in order. */
export function urlsOf(response: Readonly<Record<string, unknown>>): readonly string[] {
  const urls: string[] = []
  mapUrls(response, (url) => {
    urls.push(url)
    return url
  })
  return urls
}

/** A copy of the response with each `url` as the function says. */
export function mapUrls(
  response: Readonly<Record<string, unknown>>,
  change: (url: string) => string,
): Readonly<Record<string, unknown>> {
  const visit = (value: unknown, depth: number): unknown => {
    if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((item) => visit(item, depth + 1))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        key === 'url' && typeof item === 'string' ? change(item) : visit(item, depth + 1),
      ]),
    )
  }
  return visit(response, 0) as Readonly<Record<string, unknown>>
}

/** A file as a `data:` address. */
export const dataUrl = ({ type, bytes }: AiFile): string =>
  `data:${type};base64,${Buffer.from(bytes).toString('base64')}`

/** The file behind a `data:` address with base64; undefined for any other text. */
export function fromDataUrl(url: string, name: string): AiFile | undefined {
  const head = /^data:([\w.+-]{1,100}\/[\w.+-]{1,100})?(?:;[^,;]{1,100})*;base64,/.exec(url.slice(0, 400))
  if (!head) return undefined
  return { name, type: head[1] ?? 'application/octet-stream', bytes: Buffer.from(url.slice(head[0].length), 'base64') }
}
