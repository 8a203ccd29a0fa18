import { accessSync, constants, existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errorText } from '@millrace/base'
import { diskError, takeFileLock } from '@millrace/base/node'
import { DATA_FOLDER_VERSION } from '@millrace/node'
import { failed, type Outcome, ok, warning } from '../finding.ts'

/** Below this much free space a store soon cannot be written. */
const LITTLE_SPACE = 1n << 30n

/**
 * Whether a role may keep its data in a folder: it can be written, is of this version, and nobody else has it.
 * A folder that is not there is not made. `running` tells whether a node answers on the operator's port of this role.
 */
export async function dataFolder(
  path: string,
  role: string,
  deps: { readonly running: () => Promise<boolean> },
): Promise<Outcome> {
  const facts = { path }
  const user = process.getuid ? `the user ${process.getuid()}` : 'this user'
  if (!existsSync(path)) {
    const parent = nearestFolder(path)
    if (!canWrite(parent))
      return failed(
        `${path} is not there, and ${parent} cannot be written by ${user}`,
        'make the folder and give it to the user that runs the node, or choose another -dataDir',
        { facts },
      )
    return ok(`${path} will be made at the first start`, { facts })
  }
  try {
    const probe = join(path, `.doctor-${process.pid}`)
    try {
      writeFileSync(probe, 'x')
    } finally {
      rmSync(probe, { force: true })
    }
  } catch (cause) {
    return failed(errorText(diskError(cause, path)), `give the folder to ${user}, or choose another -dataDir`, {
      facts,
    })
  }
  const version = versionOf(path)
  if (version !== undefined && version !== String(DATA_FOLDER_VERSION))
    return failed(
      `${path} has version ${version.slice(0, 20)}, this program uses ${DATA_FOLDER_VERSION}`,
      'use the program that wrote it, or choose another -dataDir',
      { facts },
    )
  const taken = [path, join(path, 'nodes', role)].find(isTaken)
  if (taken !== undefined && !(await deps.running()))
    return failed(`${taken} is in use by another millrace`, 'stop that one, or choose another -dataDir', { facts })
  if (taken !== undefined)
    return warning(
      `${taken} is in use by the ${role} that runs now`,
      'nothing, if that is the node you ask about; a second one needs its own -dataDir',
      { facts },
    )
  const free = freeBytes(path)
  const more = { facts: { ...facts, freeBytes: free.toString() } }
  if (free < LITTLE_SPACE)
    return warning(
      `${path} can be written, but its disk has only ${free >> 20n} MB left`,
      'free some space: a full disk stops the store of tickets',
      more,
    )
  return ok(`${path} can be written and is free (${free >> 30n} GB left)`, more)
}

function nearestFolder(path: string): string {
  let folder = dirname(path)
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

function versionOf(path: string): string | undefined {
  try {
    return readFileSync(join(path, 'version'), 'utf8').trim()
  } catch {
    return undefined
  }
}

/** The lock is let go at once: a node that starts at this very moment tries again. */
function isTaken(folder: string): boolean {
  const file = join(folder, 'lock.sqlite')
  if (!existsSync(file)) return false
  const lock = takeFileLock(file)
  lock?.close()
  return lock === undefined
}

function freeBytes(path: string): bigint {
  const { bavail, bsize } = statfsSync(path, { bigint: true })
  return bavail * bsize
}
