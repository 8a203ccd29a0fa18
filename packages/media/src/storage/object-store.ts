export type ObjectCall = { readonly signal?: AbortSignal | undefined }

/** A place for segments and recordings; keys are paths with forward slashes (`object-key.ts`). */
export type ObjectStore = {
  /** Where it keeps its objects, for logs; without its secrets. */
  readonly about: string
  /** Saves the bytes under the key, in place of what was there, and returns the address by which others fetch them. A reader sees the old bytes or the new, never a part. */
  save(key: string, data: Uint8Array, options?: ObjectCall & { readonly contentType?: string }): Promise<string>
  /** The bytes, or undefined when there are none. */
  read(key: string, options?: ObjectCall): Promise<Uint8Array | undefined>
  /** Does nothing where there is none. */
  remove(key: string, options?: ObjectCall): Promise<void>
  /** The keys that begin with the prefix, sorted. */
  list(prefix: string, options?: ObjectCall): Promise<string[]>
}
