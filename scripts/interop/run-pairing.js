// Starts the processes of one pairing, pushes segments through it and looks at what comes back.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, parseMultipart } from '@millrace/base/node'
import { devnetAddress, preparedNetwork } from '@millrace/devnet'
import { openStandingChain, writeKeyFile } from '@millrace/devnet/testing'
import { countPixels, probeSegment } from '@millrace/media'
import { processesOf, RENDITIONS } from './pairings.js'

const PASSWORD = 'interop'
const START_MS = 60_000
const PUSH_MS = 60_000

/** Doors of a pairing on ports that are free here. */
export async function freeAddresses() {
  const names = ['service', 'orchestratorCli', 'http', 'rtmp', 'gatewayCli', 'workerCli']
  const at = {}
  for (const name of names) at[name] = `127.0.0.1:${await freePort()}`
  return at
}

/** The flags by which a node uses an account of the chain; the same for either program. */
export const accountFlags = (chain, keystores) => (account) => [
  ...['-network', 'interop', '-ethUrl', chain.url, '-ethController', chain.controller],
  ...['-ethAcctAddr', devnetAddress(account), '-ethPassword', PASSWORD, '-ethKeystorePath', join(keystores, account)],
]

/**
 * Runs a pairing: `segments` segments in, and for each all renditions back with the right size and pictures.
 * Resolves to what was counted; throws what went wrong, with the last lines of every process.
 */
export async function runPairing(pairing, { program, ours, clip, segments }) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-interop-'))
  const children = []
  let chain
  try {
    if (pairing.onChain) chain = await openChain(folder)
    const at = await freeAddresses()
    const known = chain && { url: chain.url, controller: (await preparedNetwork()).controller }
    const processes = processesOf(pairing, {
      at,
      folder: (name) => join(folder, name),
      account: known ? accountFlags(known, join(folder, 'keystores')) : () => [],
    })
    for (const { by, role, args, port } of processes) {
      const [command, ...first] = by === 'ours' ? ours : [program]
      const child = startProcess(command, [...first, ...args], { folder, role: `${role} (${by})` })
      children.push(child)
      if (port) await untilOpen(port, child)
    }
    const began = Date.now()
    let tickets = 0
    for (let seq = 0; seq < segments; seq++) {
      const { data, durationMs } = clip.segments[seq % clip.segments.length]
      const pushed = await push(at.http, { seq, data, durationMs, children, patient: seq === 0 })
      tickets += pushed.tickets
    }
    const received = pairing.orchestrator === 'ours' ? await ticketsOf(at.orchestratorCli) : undefined
    if (pairing.onChain && pairing.gateway === 'ours' && tickets === 0)
      throw new Error('the gateway paid with no ticket')
    if (pairing.onChain && received === 0) throw new Error('the orchestrator received no ticket')
    return {
      segments,
      renditions: segments * RENDITIONS.length,
      tickets,
      received,
      seconds: (Date.now() - began) / 1_000,
    }
  } catch (error) {
    const said = children.map(({ role, text }) => `── ${role}\n${text().trim().split('\n').slice(-15).join('\n')}`)
    throw new Error(`${error instanceof Error ? error.message : error}\n${said.join('\n')}`)
  } finally {
    for (const { child } of children) child.kill('SIGKILL')
    await Promise.all(children.map(({ ended }) => ended))
    await chain?.crash()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The embedded network's contracts on a fresh chain, and a keystore for each account that pays or is paid. */
async function openChain(folder) {
  const chain = await openStandingChain(folder)
  for (const account of ['gateway', 'orchestrator1'])
    await writeKeyFile(join(folder, 'keystores', account), account, PASSWORD)
  return chain
}

function startProcess(command, args, { folder, role }) {
  const child = spawn(command, args, { cwd: folder, env: { ...process.env, HOME: folder } })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text = (text + chunk).slice(-20_000)
    })
  let over = false
  const ended = new Promise((resolve) => {
    const end = () => {
      over = true
      resolve()
    }
    child.once('error', (error) => {
      text += error.message
      end()
    })
    child.once('close', end)
  })
  return { child, role, ended, text: () => text, over: () => over }
}

async function untilOpen(address, child) {
  const [host, port] = address.split(':')
  const deadline = Date.now() + START_MS
  for (;;) {
    const open = await new Promise((resolve) => {
      const socket = createConnection({ host, port: Number(port) }, () => {
        socket.destroy()
        resolve(true)
      }).once('error', () => resolve(false))
    })
    if (open) return
    if (child.over()) throw new Error(`the ${child.role} ended`)
    if (Date.now() > deadline) throw new Error(`the ${child.role} does not listen at ${address}`)
    await pause(100)
  }
}

/** One segment in and its renditions back; the first one is tried again while a worker joins or a session is found. */
async function push(http, { seq, data, durationMs, children, patient }) {
  const deadline = Date.now() + PUSH_MS
  for (;;) {
    const response = await fetch(`http://${http}/live/interop/${seq}.ts`, {
      method: 'PUT',
      headers: { accept: 'multipart/mixed', 'content-duration': String(durationMs), 'content-resolution': '640x360' },
      body: data,
      signal: AbortSignal.timeout(PUSH_MS),
    })
    const body = new Uint8Array(await response.arrayBuffer())
    const boundary = /boundary="?([^";]+)/.exec(response.headers.get('content-type') ?? '')?.[1]
    const parts = response.ok && boundary ? parseMultipart(body, boundary) : []
    if (parts.length > 0) {
      checkRenditions(parts, data, seq)
      return { tickets: Number(response.headers.get('millrace-tickets') ?? '0') }
    }
    const dead = children.find((child) => child.over())
    const text = Buffer.from(body.subarray(0, 200)).toString('utf8').trim()
    if (dead) throw new Error(`the ${dead.role} ended`)
    if (!patient || Date.now() > deadline)
      throw new Error(`segment ${seq}: the gateway answered ${response.status} ${text}`)
    await pause(500)
  }
}

function checkRenditions(parts, source, seq) {
  if (parts.length !== RENDITIONS.length)
    throw new Error(`segment ${seq} has ${parts.length} renditions, not ${RENDITIONS.length}`)
  const pictures = countPixels(source, 'mpegts').frames
  const sizes = parts.map(({ body }) => probeSegment(body, 'mpegts')).sort((a, b) => a.width - b.width)
  for (const [i, { width, height }] of RENDITIONS.entries())
    if (sizes[i].width !== width || sizes[i].height !== height)
      throw new Error(`segment ${seq}: a rendition is ${sizes[i].width}x${sizes[i].height}, not ${width}x${height}`)
  for (const { body } of parts) {
    const got = countPixels(body, 'mpegts').frames
    if (Math.abs(got - pictures) > 1)
      throw new Error(`segment ${seq}: a rendition has ${got} pictures, the source ${pictures}`)
  }
}

/** The tickets that our orchestrator took, as its operator sees them. */
async function ticketsOf(cli) {
  const { view } = await (await fetch(`http://${cli}/view`)).json()
  return view.totals.ticketsReceived
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
