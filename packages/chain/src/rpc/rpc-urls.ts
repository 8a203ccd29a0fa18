import { ChainError } from '../errors.ts'

/** The URLs of a list joined by commas; throws `bad_rpc_url` without showing what may hold a secret. */
export function parseRpcUrls(text: string): readonly string[] {
  const urls = text
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '')
  urls.forEach((url, i) => {
    const protocol = URL.canParse(url) ? new URL(url).protocol : ''
    if (protocol === 'http:' || protocol === 'https:') return
    throw new ChainError(
      'bad_rpc_url',
      `number ${i + 1} of the Ethereum RPC URLs is no http(s) URL: pass --eth-url https://host/path, several joined by commas`,
    )
  })
  return urls
}
