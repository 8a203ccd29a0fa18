/** A place for segments and recordings; keys are paths with forward slashes. */
export type ObjectStore = {
  /** Saves the bytes under the key and returns the address by which others fetch them. */
  save(key: string, data: Uint8Array, options?: { readonly signal?: AbortSignal | undefined }): Promise<string>
  /** The bytes, or undefined when there are none. */
  read(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<Uint8Array | undefined>
  remove(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** The keys that begin with the prefix, sorted. */
  list(prefix: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<string[]>
}
