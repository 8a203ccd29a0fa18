import { MillraceError } from '@millrace/base'
import { type WasmMemory, type WasmModule, wasm } from '../web-assembly.ts'

/** Numbers of the WASI interface (preview 1). */
const SUCCESS = 0
const BAD_FILE = 8
const NOT_ALLOWED = 63
const DIRECTORY = 3
const REGULAR_FILE = 4
const FOLDER_FD = 3
const OUTPUT_FD = 4

/** A file may grow to this; an hour of speech is larger. */
const MAX_OUTPUT_BYTES = 64_000_000

class ProgramEnd extends Error {
  readonly code: number

  constructor(code: number) {
    super(`the program ended with ${code}`)
    this.code = code
  }
}

/**
 * Runs a WASI program once with these arguments and returns the one file that it writes. It sees no file, no environment and no clock:
 * whatever path it opens is that one file, in memory. Throws `ai_runner_failed` when the program fails.
 */
export function runForFile(program: WasmModule, args: readonly string[]): Uint8Array {
  const file = new MemoryFile()
  let memory: WasmMemory | undefined
  const view = () => new DataView(memory!.buffer)
  const bytes = () => new Uint8Array(memory!.buffer)
  const given = args.map((text) => new TextEncoder().encode(`${text}\0`))
  let complaint = ''

  const system: Record<string, (...parameters: never[]) => number> = {
    args_sizes_get(count: number, size: number) {
      view().setUint32(count, given.length, true)
      view().setUint32(
        size,
        given.reduce((sum, { length }) => sum + length, 0),
        true,
      )
      return SUCCESS
    },
    args_get(list: number, text: number) {
      for (const [i, arg] of given.entries()) {
        view().setUint32(list + 4 * i, text, true)
        bytes().set(arg, text)
        text += arg.length
      }
      return SUCCESS
    },
    clock_time_get(_id: number, _precision: bigint, into: number) {
      view().setBigUint64(into, 0n, true)
      return SUCCESS
    },
    fd_prestat_get(fd: number, into: number) {
      if (fd !== FOLDER_FD) return BAD_FILE
      view().setUint32(into, 0, true)
      view().setUint32(into + 4, 1, true)
      return SUCCESS
    },
    fd_prestat_dir_name(fd: number, into: number) {
      if (fd !== FOLDER_FD) return BAD_FILE
      bytes()[into] = '/'.charCodeAt(0)
      return SUCCESS
    },
    fd_fdstat_get(fd: number, into: number) {
      if (fd > OUTPUT_FD) return BAD_FILE
      bytes().fill(0, into, into + 24)
      bytes()[into] = fd === FOLDER_FD ? DIRECTORY : fd === OUTPUT_FD ? REGULAR_FILE : 2
      // All rights: what there is to do is decided here, not by them.
      bytes().fill(0xff, into + 8, into + 24)
      return SUCCESS
    },
    fd_fdstat_set_flags: () => SUCCESS,
    path_open(...parameters: number[]) {
      view().setUint32(parameters[8]!, OUTPUT_FD, true)
      return SUCCESS
    },
    fd_write(fd: number, list: number, count: number, written: number) {
      let total = 0
      for (let i = 0; i < count; i++) {
        const at = view().getUint32(list + 8 * i, true)
        const part = bytes().slice(at, at + view().getUint32(list + 8 * i + 4, true))
        if (fd === OUTPUT_FD) file.write(part)
        else if (fd === 2) complaint = (complaint + new TextDecoder().decode(part)).slice(-500)
        total += part.length
      }
      view().setUint32(written, total, true)
      return SUCCESS
    },
    fd_seek(fd: number, offset: bigint, whence: number, into: number) {
      if (fd !== OUTPUT_FD) return BAD_FILE
      view().setBigUint64(into, BigInt(file.seek(Number(offset), whence)), true)
      return SUCCESS
    },
    fd_read: () => NOT_ALLOWED,
    fd_close: () => SUCCESS,
    proc_exit(code: number) {
      throw new ProgramEnd(code)
    },
  }

  const instance = new wasm.Instance(program, { wasi_snapshot_preview1: system })
  memory = instance.exports.memory as WasmMemory
  let code = 0
  try {
    ;(instance.exports._start as () => void)()
  } catch (error) {
    if (!(error instanceof ProgramEnd)) throw error
    code = error.code
  }
  if (code !== 0 || file.bytes.length === 0)
    throw new MillraceError('ai_runner_failed', `the program ended with ${code} and wrote no file: ${complaint.trim()}`)
  return file.bytes
}

/** A file that grows where it is written to. */
class MemoryFile {
  #data = new Uint8Array(1 << 16)
  #length = 0
  #at = 0

  get bytes(): Uint8Array {
    return this.#data.slice(0, this.#length)
  }

  write(part: Uint8Array): void {
    const end = this.#at + part.length
    if (end > MAX_OUTPUT_BYTES) throw new MillraceError('ai_runner_failed', 'the program wrote more than it may')
    if (end > this.#data.length) {
      const larger = new Uint8Array(Math.max(end, this.#data.length * 2))
      larger.set(this.#data)
      this.#data = larger
    }
    this.#data.set(part, this.#at)
    this.#at = end
    this.#length = Math.max(this.#length, end)
  }

  seek(offset: number, whence: number): number {
    const from = whence === 0 ? 0 : whence === 1 ? this.#at : this.#length
    this.#at = Math.min(Math.max(0, from + offset), MAX_OUTPUT_BYTES)
    return this.#at
  }
}
