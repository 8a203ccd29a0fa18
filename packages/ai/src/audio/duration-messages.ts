/** What the process that measures a recording is asked. */
export type DurationQuestion = { readonly bytes: Uint8Array; readonly maxSeconds: number }

export type DurationAnswer =
  | { readonly durationMs: number }
  | { readonly code: string | undefined; readonly message: string }
