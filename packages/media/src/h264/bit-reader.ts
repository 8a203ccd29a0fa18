import { BadMediaError } from './errors.ts'

/** Reads bits and exponential-Golomb codes, most significant bit first; throws `bad_bitstream` past the end. */
export class BitReader {
  readonly #data: Uint8Array
  #bit = 0

  constructor(data: Uint8Array) {
    this.#data = data
  }

  get left(): number {
    return this.#data.length * 8 - this.#bit
  }

  bits(count: number): number {
    if (count > this.left) throw new BadMediaError('bad_bitstream', 'the bit stream ends inside a field')
    let value = 0
    for (let i = 0; i < count; i++) {
      value = value * 2 + ((this.#data[this.#bit >> 3]! >> (7 - (this.#bit & 7))) & 1)
      this.#bit++
    }
    return value
  }

  flag(): boolean {
    return this.bits(1) === 1
  }

  skip(count: number): void {
    if (count > this.left) throw new BadMediaError('bad_bitstream', 'the bit stream ends inside a field')
    this.#bit += count
  }

  /** ue(v) of ISO 14496-10 section 9.1; codes longer than 32 bits are damage. */
  ue(): number {
    let zeros = 0
    while (!this.flag()) {
      zeros++
      if (zeros > 31) throw new BadMediaError('bad_bitstream', 'an exponential-Golomb code is longer than 32 bits')
    }
    return 2 ** zeros - 1 + this.bits(zeros)
  }

  se(): number {
    const code = this.ue()
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2
  }
}
