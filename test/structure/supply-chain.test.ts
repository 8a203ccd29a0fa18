import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

type Locked = {
  readonly link?: boolean
  readonly resolved?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
}
type Manifest = Readonly<
  Record<
    'dependencies' | 'devDependencies' | 'optionalDependencies' | 'peerDependencies',
    Readonly<Record<string, string>> | undefined
  >
> & {
  readonly name: string
}

const read = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T
const { packages } = read<{ readonly packages: Readonly<Record<string, Locked>> }>('package-lock.json')
const { allowScripts } = read<{ readonly allowScripts: Readonly<Record<string, boolean>> }>('package.json')
const foreign = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link)

it('every package of others is named with its checksum, and from nowhere but the registry of the installer', () => {
  expect(foreign.length).toBeGreaterThan(100)
  expect(foreign.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([])
  expect(foreign.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([])
})

it('no package of others may run a script when it is installed', () => {
  const scripts = foreign
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.split('node_modules/').at(-1))
  expect(scripts.filter((name) => allowScripts[name as string] !== false)).toEqual([])
  expect(Object.values(allowScripts).filter((allowed) => allowed)).toEqual([])
})

it('our packages ask for exact versions, so that an update is a change that somebody reads', () => {
  const ours = Object.keys(packages).filter((path) => !path.includes('node_modules'))
  expect(ours.length).toBeGreaterThan(8)
  const loose = ours.flatMap((path) => {
    const manifest = read<Manifest>(path === '' ? 'package.json' : `${path}/package.json`)
    const wanted = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }
    return Object.entries(wanted)
      .filter(([name, version]) => !/^\d/.test(version) && name !== '@types/node')
      .map(([name, version]) => `${path}: ${name} ${version}`)
  })
  expect(loose).toEqual([])
})
