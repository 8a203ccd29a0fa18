import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Upgrade } from '../links/http/listening.ts'

/** A set of paths of the gateway's HTTP port. */
export type GatewayDoor = {
  owns(pathname: string): boolean
  answer(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void>
  /** Takes WebSockets, where it does. */
  readonly upgrade?: Upgrade | undefined
}

/** Several doors as one: the first that owns a path answers. */
export function joinDoors(doors: readonly (GatewayDoor | undefined)[]): GatewayDoor {
  const first = (pathname: string) => doors.find((door) => door?.owns(pathname))
  return {
    owns: (pathname) => first(pathname) !== undefined,
    answer: async (request, response, pathname) => first(pathname)?.answer(request, response, pathname),
    upgrade: doors.some((door) => door?.upgrade)
      ? (request, socket, head) => doors.some((door) => door?.upgrade?.(request, socket, head))
      : undefined,
  }
}
