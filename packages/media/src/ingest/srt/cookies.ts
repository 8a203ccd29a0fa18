import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const LASTS_MS = 60_000

/** Proofs that a caller receives at the address it sends from, kept by nobody (draft-sharabayko-srt-01 section 4.3.1.1). */
export class Cookies {
  readonly #secret = randomBytes(32)

  of(from: { readonly address: string; readonly port: number }, nowMs = Date.now()): number {
    return this.#make(from, Math.floor(nowMs / LASTS_MS)).readUInt32BE(0)
  }

  /** True for a cookie of this minute or the one before. */
  holds(cookie: number, from: { readonly address: string; readonly port: number }, nowMs = Date.now()): boolean {
    const given = Buffer.alloc(4)
    given.writeUInt32BE(cookie)
    const minute = Math.floor(nowMs / LASTS_MS)
    return [minute, minute - 1].some((each) => timingSafeEqual(this.#make(from, each), given))
  }

  #make({ address, port }: { readonly address: string; readonly port: number }, minute: number): Buffer {
    return createHmac('sha256', this.#secret).update(`${address}|${port}|${minute}`).digest().subarray(0, 4)
  }
}
