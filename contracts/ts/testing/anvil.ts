import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { openRpc, type Rpc } from './rpc.ts'

/** A chain of its own for one test file. */
export type Anvil = AsyncDisposable & { readonly url: string; readonly rpc: Rpc }

/** Starts anvil on a free port of 127.0.0.1; it ends with `close`, at the latest with this process. */
export async function startAnvil(args: readonly string[] = []): Promise<Anvil> {
  const child = spawn(anvilBinary(), ['--host', '127.0.0.1', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  try {
    const url = `http://${await listeningAddress(child)}`
    return {
      url,
      rpc: openRpc(url),
      async [Symbol.asyncDispose]() {
        process.removeListener('exit', kill)
        await ended(child)
      },
    }
  } catch (cause) {
    kill()
    throw cause
  }
}

function anvilBinary(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const file = process.platform === 'win32' ? 'anvil.exe' : 'anvil'
  try {
    // The package's own entry is a script that would have to be killed together with its child.
    return createRequire(import.meta.url).resolve(`@foundry-rs/anvil-${process.platform}-${arch}/bin/${file}`)
  } catch {
    return 'anvil'
  }
}

async function listeningAddress(child: ChildProcess): Promise<string> {
  const failure = new Promise<never>((_, reject) => {
    let errors = ''
    child.stderr!.on('data', (chunk) => {
      errors += chunk
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`anvil ended with ${code} before it listened: ${errors}`)))
  })
  const listening = (async () => {
    for await (const line of createInterface(child.stdout!)) {
      const address = /Listening on (\S+)/.exec(line)?.[1]
      if (address) return address
    }
    return await failure
  })()
  const address = await Promise.race([listening, failure])
  // Nobody reads on, and a full pipe would stop anvil.
  child.stdout!.resume()
  return address
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => {
    child.once('exit', resolve)
    child.kill('SIGKILL')
  })
}
