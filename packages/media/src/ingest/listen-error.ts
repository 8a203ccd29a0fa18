import { errorText, MillraceError } from '@millrace/base'

/** Why a door of publishers cannot open: `port_in_use`, `no_permission` or `cannot_listen`. */
export function listenError(
  cause: NodeJS.ErrnoException,
  at: { readonly host: string; readonly port: number; readonly service: string },
): MillraceError {
  const { host, port, service } = at
  if (cause.code === 'EADDRINUSE')
    return new MillraceError(
      'port_in_use',
      `port ${port} for ${service} is in use: stop the other program or choose another port`,
      { cause, meta: { port } },
    )
  if (cause.code === 'EACCES')
    return new MillraceError(
      'no_permission',
      `no permission to listen on port ${port} for ${service}: choose one above 1023`,
      { cause, meta: { port } },
    )
  return new MillraceError(
    'cannot_listen',
    `cannot listen on ${host}:${port} for ${service}: ${errorText(cause)}: choose an address of this machine`,
    { cause, meta: { port, host } },
  )
}
