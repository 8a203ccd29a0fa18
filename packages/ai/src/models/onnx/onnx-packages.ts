import type { PackageSpec } from '../package-store.ts'

/** The version of both packages. */
export const ONNX_VERSION = '1.30.0'
/** Where a platform's library is in the package. */
export const ONNX_BINARIES = `bin/napi-v6/${process.platform}/${process.arch}`
/** Where the package has the processor's library; elsewhere than here it has none. */
export const ONNX_PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64']

/** What runs ONNX models: of the package's libraries only that of this platform is kept. */
export const ONNX_RUNTIME: readonly PackageSpec[] = [
  {
    name: 'onnxruntime-node',
    version: ONNX_VERSION,
    integrity: 'sha512-twhs1C2C/BFkz1yc5OY0KIU2GUq6DURO7hD4bx5Q2Qy3nAMJwRXW8xU3NVczE29VA9lolLOYepoD8fjTGOfIqw==',
    keep: [
      'package.json',
      'dist',
      ...(ONNX_PLATFORMS.includes(`${process.platform}-${process.arch}`) ? [ONNX_BINARIES] : []),
    ],
  },
  {
    name: 'onnxruntime-common',
    version: ONNX_VERSION,
    integrity: 'sha512-7fdVWjAID1dVhH/G8qK3APARunV4VkBFoCQAP7qp4Wkab0mrorvmc+sqiT+mKXOzDqdjN5j+/Z9nb4gzNPWcyA==',
  },
]

/** Bytes of the two packages as they are fetched. */
export const ONNX_RUNTIME_BYTES = 113_575_000
