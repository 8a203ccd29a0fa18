/** A filler unit behind every picture (H.264 section 7.3.2.7) makes a drawn clip as large as a camera's. */
export function padded(frame, bytes) {
  if (frame.kind !== 'video') return frame
  const filler = new Uint8Array(bytes).fill(0xff)
  filler.set([0, 0, 0, 1, 12])
  filler[filler.length - 1] = 0x80
  return { ...frame, data: Buffer.concat([frame.data, filler]) }
}
