import type { IncomingMessage } from 'node:http'
import { AiError } from '@millrace/ai'
import { errorText } from '@millrace/base'
import { refuseUpgrade } from '../../links/http/app-proxy.ts'
import { fail } from '../ai/ai-answers.ts'
import type { GatewayDoor } from '../join-doors.ts'
import type { ApiKeys } from './api-keys.ts'

/** Reads of what anybody may see, or of something whose unguessable name only its buyer knows. */
const FREE: readonly RegExp[] = [
  /^\/apps\/?$/,
  /^\/apps\/[^/]+\/session\/[^/]+\//,
  /^\/process\/stream\/[^/]+\/(status|data)$/,
]

/** A door whose calls cost money, for those with a key only. The key goes no further: apps behind the door are others' programs. */
export function keyedDoor(door: GatewayDoor, keys: Pick<ApiKeys, 'admit'>): GatewayDoor {
  const admit = (request: IncomingMessage, pathname: string): void => {
    if (FREE.some((path) => path.test(pathname))) return
    keys.admit(request)
    delete request.headers.authorization
  }
  const { upgrade } = door
  return {
    owns: (pathname) => door.owns(pathname),
    answer: async (request, response, pathname) => {
      try {
        admit(request, pathname)
      } catch (error) {
        const { status, meta } = error instanceof AiError ? error : { status: 500, meta: {} }
        if (status === 401) response.setHeader('www-authenticate', 'Bearer')
        if ('retryAfterS' in meta) response.setHeader('retry-after', String(meta.retryAfterS))
        request.resume()
        return fail(response, status, errorText(error))
      }
      return door.answer(request, response, pathname)
    },
    upgrade:
      upgrade &&
      ((request, socket, head) => {
        const { pathname } = new URL(request.url ?? '/', 'http://localhost')
        if (!door.owns(pathname)) return false
        try {
          admit(request, pathname)
        } catch (error) {
          refuseUpgrade(socket, error instanceof AiError ? error.status : 500, errorText(error))
          return true
        }
        return upgrade(request, socket, head)
      }),
  }
}
