import { existsSync, symlinkSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { MillraceError } from '@millrace/base'
import { ONNX_BINARIES, ONNX_PLATFORMS, ONNX_VERSION } from './onnx-packages.ts'

/** Rows of numbers with their dimensions. */
export type Tensor = { readonly dims: readonly number[]; readonly data: Float32Array }

/** A model that is ready to run. */
export type OnnxSession = {
  /** One input named `input`; the outputs by their names, valid until the next run. */
  run(input: Tensor): Promise<Readonly<Record<string, Tensor>>>
  close(): Promise<void>
}

type Runtime = {
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => unknown
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{
      run(feeds: object): Promise<Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>>
      release(): Promise<void>
    }>
  }
}

/**
 * Loads ONNX Runtime from the folders of its packages, in a child process, and opens a model with it.
 * Throws `onnx_runtime_unavailable` where the runtime has no library for this machine.
 */
export async function openOnnx(
  model: Uint8Array,
  folders: ReadonlyMap<string, string>,
  options: { readonly threads?: number } = {},
): Promise<OnnxSession> {
  const { Tensor, InferenceSession } = await loadRuntime(folders)
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    // Half of the cores: videos are encoded on the same machine.
    intraOpNumThreads: options.threads ?? Math.ceil(availableParallelism() / 2),
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  })
  return {
    run: ({ dims, data }) => session.run({ input: new Tensor('float32', data, dims) }),
    close: () => session.release(),
  }
}

async function loadRuntime(folders: ReadonlyMap<string, string>): Promise<Runtime> {
  const [node, common] = ['onnxruntime-node', 'onnxruntime-common'].map((name) => folders.get(name) ?? name) as [
    string,
    string,
  ]
  if (!existsSync(join(node, ONNX_BINARIES)))
    throw new MillraceError(
      'onnx_runtime_unavailable',
      `ONNX Runtime ${ONNX_VERSION} has no library for ${process.platform} on ${process.arch}; it has for ${ONNX_PLATFORMS.join(', ')}. Name a runner that somebody serves instead`,
    )
  await mkdir(join(node, 'node_modules'), { recursive: true })
  try {
    // Where Node looks for it when the runtime asks for it.
    symlinkSync(common, join(node, 'node_modules/onnxruntime-common'), 'junction')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  try {
    return createRequire(join(node, 'package.json'))(join(node, 'dist/index.js')) as Runtime
  } catch (cause) {
    throw new MillraceError(
      'onnx_runtime_unavailable',
      `ONNX Runtime ${ONNX_VERSION} does not start on this machine: ${(cause as Error).message}`,
      { cause },
    )
  }
}
