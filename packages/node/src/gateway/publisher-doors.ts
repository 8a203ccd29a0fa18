import { hasCode, type Log, MillraceError } from '@millrace/base'
import { type RtmpCertificate, RtmpServer, type RtmpServerDeps, SrtServer } from '@millrace/media'
import type { GatewayConfig } from '../config/node-config.ts'
import { followCertificate } from '../links/http/certificate-files.ts'

/** A gateway's ports for publishers with encoders: RTMP, RTMPS and SRT. */
export class PublisherDoors {
  readonly #config: Pick<GatewayConfig, 'rtmp' | 'rtmps' | 'srt' | 'tls'>
  readonly #deps: RtmpServerDeps & { readonly log: Log }
  #plain: RtmpServer | undefined
  #secure: RtmpServer | undefined
  #srt: SrtServer | undefined
  #leave: () => void = () => {}

  constructor(config: Pick<GatewayConfig, 'rtmp' | 'rtmps' | 'srt' | 'tls'>, deps: RtmpServerDeps) {
    this.#config = config
    this.#deps = deps
  }

  get rtmpPort(): number | undefined {
    return this.#plain?.port ?? this.#config.rtmp?.port
  }

  get srtPort(): number | undefined {
    return this.#srt?.port
  }

  get rtmpsPort(): number | undefined {
    return this.#secure?.port
  }

  /** Throws `port_in_use`, which names the flag, `bad_certificate` or `certificate_missing`. */
  async start(): Promise<void> {
    const { rtmp, rtmps, srt, tls } = this.#config
    if (rtmp) {
      this.#plain = new RtmpServer(rtmp, this.#deps)
      await startAt(this.#plain, rtmp.port, '--rtmp-port (of a gateway alone: -rtmpAddr)')
    }
    if (srt) {
      this.#srt = new SrtServer(srt, this.#deps)
      await startAt(this.#srt, srt.port, '--srt-port (of a gateway alone: -srtAddr)')
    }
    if (!rtmps) return
    if (!tls)
      throw new MillraceError(
        'certificate_missing',
        'RTMPS needs a certificate: name one with -httpCert and -httpKey, or order one with -acmeDomain',
      )
    this.#leave = await followCertificate(
      tls,
      async (pair: RtmpCertificate) => {
        if (this.#secure) return this.#secure.setCertificate(pair)
        this.#secure = new RtmpServer({ ...rtmps, tls: pair }, this.#deps)
        await startAt(this.#secure, rtmps.port, '-rtmpsAddr')
      },
      this.#deps,
    )
  }

  async stop(): Promise<void> {
    this.#leave()
    await Promise.all([this.#plain?.stop(), this.#secure?.stop(), this.#srt?.stop()])
  }
}

async function startAt(server: Pick<RtmpServer, 'start'>, port: number, flag: string): Promise<void> {
  try {
    await server.start()
  } catch (cause) {
    if (!hasCode(cause, 'port_in_use')) throw cause
    throw new MillraceError(
      'port_in_use',
      `port ${port} is in use by another program: free it or choose another with ${flag}`,
      { cause, meta: { port, flag: flag.split(' ')[0] } },
    )
  }
}
