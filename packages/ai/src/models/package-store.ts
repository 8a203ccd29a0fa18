import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { errorText, MillraceError } from '@millrace/base'
import type { LoadProgress } from '../runners/runner.ts'

/** A package of the installer's registry that a model needs, pinned to its bytes. */
export type PackageSpec = {
  readonly name: string
  readonly version: string
  /** `sha512-…` of the tarball, as a lock file has it. */
  readonly integrity: string
  /** Paths in the package that are kept, as `tar` takes them; without them all is. */
  readonly keep?: readonly string[]
}

export type FetchOptions = {
  /** Where packages are kept; one folder serves all processes of a machine. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined
}

/** A tarball larger than this is no model of ours. */
const MAX_TARBALL_BYTES = 400_000_000
const MAX_OUTPUT = 1_000_000

/**
 * The folder of a package's files, fetched the first time with the user's own npm and its settings, and checked against its checksum.
 * Scripts of packages are never run. Throws `package_unreachable`, `package_changed` or `package_broken`.
 */
export async function openPackage(spec: PackageSpec, options: FetchOptions): Promise<string> {
  const kept = join(options.folder, `${spec.name.replace('/', '+')}@${spec.version}`)
  if (await isFolder(kept)) return kept
  await mkdir(options.folder, { recursive: true })
  const work = await mkdtemp(join(options.folder, '.fetching-'))
  try {
    const tarball = await download(spec, work, options)
    await check(spec, tarball)
    const files = join(work, 'files')
    await mkdir(files)
    const members = (spec.keep ?? []).map((path) => `package/${path}`)
    const args = ['-xzf', tarball, '-C', files, '--strip-components=1', '--no-same-owner', ...members]
    await run('tar', args, options.signal).catch((cause) => {
      throw new MillraceError('package_broken', `${named(spec)} could not be unpacked: ${errorText(cause)}`, { cause })
    })
    // Another process may have been quicker.
    await rename(files, kept).catch(async (cause) => {
      if (!(await isFolder(kept))) throw cause
    })
    return kept
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Whether a package is there already. */
export const hasPackage = (spec: PackageSpec, folder: string): Promise<boolean> =>
  isFolder(join(folder, `${spec.name.replace('/', '+')}@${spec.version}`))

async function download(spec: PackageSpec, work: string, options: FetchOptions): Promise<string> {
  const { signal } = options
  try {
    // Straight from where npm would take it, because only so there is a progress to show.
    const address = (await npm(['view', named(spec), 'dist.tarball'], work, signal)).trim()
    return await fetchTarball(spec, address, join(work, 'package.tgz'), options)
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    // Behind a proxy or with a private registry npm knows how to ask.
    const packed = await npm(['pack', named(spec), '--ignore-scripts', '--pack-destination', work], work, signal).catch(
      (again) => {
        throw new MillraceError(
          'package_unreachable',
          `${named(spec)} could not be fetched: ${errorText(again)}. Check the network and npm's registry setting`,
          { cause, retryable: true },
        )
      },
    )
    void packed
    const tarball = (await readdir(work)).find((file) => file.endsWith('.tgz') && file !== 'package.tgz')
    if (!tarball) throw new MillraceError('package_unreachable', `npm wrote no file for ${named(spec)}`, { cause })
    return join(work, tarball)
  }
}

async function fetchTarball(
  spec: PackageSpec,
  address: string,
  path: string,
  { signal, onProgress }: FetchOptions,
): Promise<string> {
  const answer = await fetch(address, { signal })
  if (!answer.ok || !answer.body) throw new MillraceError('package_unreachable', `it answered ${answer.status}`)
  const length = Number(answer.headers.get('content-length'))
  const total = Number.isSafeInteger(length) && length > 0 ? length : undefined
  let done = 0
  const counted = async function* (body: AsyncIterable<Uint8Array>) {
    for await (const chunk of body) {
      done += chunk.length
      if (done > MAX_TARBALL_BYTES) throw new MillraceError('package_changed', `${named(spec)} is too large`)
      onProgress?.({ what: `fetching ${spec.name}`, done, total })
      yield chunk
    }
  }
  await pipeline(answer.body as unknown as AsyncIterable<Uint8Array>, counted, createWriteStream(path), { signal })
  return path
}

async function check(spec: PackageSpec, tarball: string): Promise<void> {
  const hash = createHash('sha512')
  for await (const chunk of createReadStream(tarball)) hash.update(chunk)
  const found = `sha512-${hash.digest('base64')}`
  if (found !== spec.integrity)
    throw new MillraceError(
      'package_changed',
      `${named(spec)} is not what it was when Millrace was made: its checksum differs. It is not used; check the registry that npm asks`,
    )
}

const named = ({ name, version }: PackageSpec): string => `${name}@${version}`

/** Runs npm as the user has it; the npm that started this process comes first. */
function npm(args: readonly string[], cwd: string, signal: AbortSignal): Promise<string> {
  const own = process.env.npm_execpath
  return own?.endsWith('npm-cli.js')
    ? run(process.execPath, [own, ...args], signal, cwd)
    : run('npm', args, signal, cwd)
}

function run(program: string, args: readonly string[], signal: AbortSignal, cwd?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, signal, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out = (out + text).slice(0, MAX_OUTPUT)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err = (err + text).slice(-2_000)
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(out)
      else reject(new Error(`${program} ended with ${code}: ${err.trim().split('\n').slice(-2).join(' | ')}`))
    })
  })
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
