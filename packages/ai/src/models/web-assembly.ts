/** A compiled program; opaque. */
export type WasmModule = { readonly __wasmModule: true }

export type WasmMemory = { readonly buffer: ArrayBuffer }

type WebAssemblyApi = {
  compile(bytes: Uint8Array): Promise<WasmModule>
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

/** The parts of WebAssembly that are used here, which the types of Node leave out. */
export const wasm = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly
