import { expect, it } from 'vitest'
import { wasm } from '../web-assembly.ts'
import { withSaturatingConversions } from './saturating-wasm.ts'

/** (module (func (export "f") (param f64) (result i32) local.get 0 i32.trunc_f64_s)), with a table jump and a constant before it. */
const PROGRAM = Uint8Array.from(
  [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[0x01, 0x06, 0x01, 0x60, 0x01, 0x7c, 0x01, 0x7f],
    ...[0x03, 0x02, 0x01, 0x00],
    ...[0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00],
    // A block with a table jump whose constant, 0xaa in its bytes, must not be taken for an instruction.
    ...[0x0a, 0x11, 0x01, 0x0f, 0x00, 0x02, 0x40, 0x41, 0xaa, 0x01, 0x0e, 0x01, 0x00, 0x00, 0x0b, 0x20, 0x00, 0xaa],
    ...[0x0b],
  ].slice(0),
)

async function converted(program: Uint8Array, value: number): Promise<number> {
  const { exports } = new wasm.Instance(await wasm.compile(program), {})
  return (exports.f as (value: number) => number)(value)
}

it('conversions that trapped give the nearest integer', async () => {
  await expect(converted(PROGRAM, -1e12)).rejects.toThrow(/unrepresentable/)
  const rewritten = withSaturatingConversions(PROGRAM)
  expect(await converted(rewritten, -1e12)).toBe(-(2 ** 31))
  expect(await converted(rewritten, Number.NaN)).toBe(0)
  expect(await converted(rewritten, -41.7)).toBe(-41)
})

it('what is no program is refused with a clear error', () => {
  expect(() => withSaturatingConversions(PROGRAM.subarray(0, PROGRAM.length - 3))).toThrow('breaks off')
})
