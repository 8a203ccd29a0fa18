/** How the small pictures of a storyboard lie in its sprites. */
export const SPRITE = { columns: 10, tiles: 100, tileWidth: 160, everyMs: 10_000 } as const

/** How many sprites a recording has. */
export const spriteCount = (lengthMs: number): number => Math.ceil(tileCount(lengthMs) / SPRITE.tiles)

/** The moments that a sprite shows. */
export function timesOfSprite(lengthMs: number, index: number): number[] {
  const first = index * SPRITE.tiles
  const count = Math.max(0, Math.min(SPRITE.tiles, tileCount(lengthMs) - first))
  return Array.from({ length: count }, (_, i) => (first + i) * SPRITE.everyMs)
}

/** WebVTT whose cues name a part of a picture each (media fragments, `#xywh`), as players show it above their time bar. */
export function storyboardText(lengthMs: number, tile: { readonly width: number; readonly height: number }): string {
  const lines = ['WEBVTT', '']
  for (let i = 0; i < tileCount(lengthMs); i++) {
    const [startMs, endMs] = [i * SPRITE.everyMs, Math.min(lengthMs, (i + 1) * SPRITE.everyMs)]
    const place = i % SPRITE.tiles
    const x = (place % SPRITE.columns) * tile.width
    const y = Math.floor(place / SPRITE.columns) * tile.height
    const sprite = Math.floor(i / SPRITE.tiles)
    lines.push(
      `${clock(startMs)} --> ${clock(endMs)}`,
      `storyboard-${sprite}.jpg#xywh=${x},${y},${tile.width},${tile.height}`,
      '',
    )
  }
  return lines.join('\n')
}

const tileCount = (lengthMs: number): number => Math.ceil(lengthMs / SPRITE.everyMs)

function clock(ms: number): string {
  const whole = Math.round(ms)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const seconds = `${two((whole / 1_000) % 60)}.${String(whole % 1_000).padStart(3, '0')}`
  return `${two(whole / 3_600_000)}:${two((whole / 60_000) % 60)}:${seconds}`
}
