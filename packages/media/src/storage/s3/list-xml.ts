/** What a page of ListObjectsV2 says. */
export type ListedPage = { readonly keys: readonly string[]; readonly next: string | undefined }

/** Reads a page of ListObjectsV2; its keys are written as in URLs where it says so. */
export function readListXml(xml: string): ListedPage {
  const isEncoded = /<EncodingType>url<\/EncodingType>/.test(xml)
  const keys = [...xml.matchAll(/<Contents>[\s\S]*?<Key>([\s\S]*?)<\/Key>[\s\S]*?<\/Contents>/g)].map(([, key]) => {
    const text = plain(key ?? '')
    return isEncoded ? decodeURIComponent(text.replaceAll('+', ' ')) : text
  })
  const token = /<NextContinuationToken>([\s\S]*?)<\/NextContinuationToken>/.exec(xml)?.[1]
  const isTruncated = /<IsTruncated>true<\/IsTruncated>/.test(xml)
  return { keys, next: isTruncated && token !== undefined ? plain(token) : undefined }
}

/** The code by which S3 names an error. */
export const readErrorCode = (xml: string): string | undefined => /<Code>([A-Za-z]{1,60})<\/Code>/.exec(xml)?.[1]

const plain = (text: string): string =>
  text.replace(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|amp|lt|gt|quot|apos);/g, (_, name: string) => {
    if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16))
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)))
    return ENTITIES[name as keyof typeof ENTITIES]
  })

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" } as const
