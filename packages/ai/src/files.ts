/** A file that goes into a job or comes out of it. */
export type AiFile = {
  /** Within one request or result no two files have the same name. */
  readonly name: string
  /** Its media type, such as `image/png`. */
  readonly type: string
  readonly bytes: Uint8Array
}
