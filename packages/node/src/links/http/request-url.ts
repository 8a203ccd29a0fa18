import { MillraceError } from '@millrace/base'

/** The URL of a request, of which path and query count; throws `bad_request_url`, because a peer may write anything there. */
export function requestUrl(request: { readonly url?: string | undefined }): URL {
  try {
    return new URL(request.url ?? '/', 'http://localhost')
  } catch (cause) {
    throw new MillraceError('bad_request_url', 'the path of the request cannot be read', { cause })
  }
}
