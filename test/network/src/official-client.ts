import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { modelsFolder } from '@millrace/ai'
import { openPackage } from '@millrace/ai/testing'

type Call = (request: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, unknown>>>
/** One of the official clients, as far as it is used here. */
export type OfficialClient = { readonly generate: Readonly<Record<string, Call>> }

const PACKAGES = {
  '@livepeer/ai': {
    version: '0.6.2',
    integrity: 'sha512-ht7L/nG2BwtTjSHWjdcLmRwnsQ8+fzyl0p57EuNbWiERp9mrqH1fYBuDmYl0qDI1YGBmFB3XmtfWEEJSehiqYQ==',
  },
  livepeer: {
    version: '3.5.0',
    integrity: 'sha512-SfvrnAFneQMhF2iSONGfvg1uutw7x2+QPh6UZvp1FVDBVBDEYTMTTrEG/xYYbAn66DoYeP7q049Wdjim77vfog==',
  },
} as const

/** Loads an official client, unmodified, with the zod 3 that it is made for. */
export async function loadOfficialClient(
  name: keyof typeof PACKAGES,
): Promise<{ readonly Livepeer: new (options: object) => OfficialClient; close(): Promise<void> }> {
  const source = await openPackage(
    { name, ...PACKAGES[name] },
    { folder: modelsFolder(), signal: AbortSignal.timeout(120_000) },
  )
  // Where packages of this repository are found from, so that there is a zod.
  const here = join(dirname(fileURLToPath(import.meta.url)), '../dist')
  await mkdir(here, { recursive: true })
  const folder = await mkdtemp(join(here, 'client-'))
  await cp(source, join(folder, 'client'), { recursive: true })
  const zod = join(folder, 'node_modules/zod')
  await mkdir(zod, { recursive: true })
  await writeFile(join(zod, 'index.js'), `module.exports = require(${JSON.stringify(zodOf(folder))})`)
  const { Livepeer } = createRequire(join(folder, 'index.js'))('./client')
  return { Livepeer, close: () => rm(folder, { recursive: true, force: true }) }
}

const zodOf = (folder: string): string => createRequire(join(folder, '../../index.js')).resolve('zod/v3')
