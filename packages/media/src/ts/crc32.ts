const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index << 24
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc >>> 0
})

/** The CRC of MPEG sections (ISO 13818-1 annex A); zero over a section with its CRC. */
export function crc32Mpeg(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of data) crc = ((crc << 8) ^ TABLE[((crc >>> 24) ^ byte) & 0xff]!) >>> 0
  return crc
}
