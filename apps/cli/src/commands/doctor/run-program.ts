import { execFile } from 'node:child_process'

const MAX_OUTPUT = 1 << 20

/** What a program printed and how it ended; undefined when there is none of that name. */
export function runProgram(
  name: string,
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<{ readonly code: number; readonly out: string; readonly err: string } | undefined> {
  const { timeoutMs: timeout, signal } = options
  return new Promise((resolve) => {
    execFile(name, args, { timeout, signal, maxBuffer: MAX_OUTPUT, killSignal: 'SIGKILL' }, (error, out, err) => {
      if (isMissing(error)) return resolve(undefined)
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, out, err })
    })
  })
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException | null)?.code === 'ENOENT'
