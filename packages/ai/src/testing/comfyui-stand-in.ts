import { randomUUID } from 'node:crypto'
import { pictureOf, sizeOfPicture } from './pictures.ts'
import { type Exchange, openStandIn, Refusal, type StandIn } from './stand-in.ts'

type Node = { readonly class_type: string; readonly inputs: Readonly<Record<string, unknown>> }
type Entry = { readonly outputs: unknown; readonly status: unknown }

/** Nodes that the stand-in knows, with the inputs that each needs and their kinds. */
const NODES: Readonly<Record<string, Readonly<Record<string, 'text' | 'number' | 'link'>>>> = {
  CheckpointLoaderSimple: { ckpt_name: 'text' },
  CLIPTextEncode: { text: 'text', clip: 'link' },
  EmptyLatentImage: { width: 'number', height: 'number', batch_size: 'number' },
  LoadImage: { image: 'text' },
  VAEEncode: { pixels: 'link', vae: 'link' },
  KSampler: { seed: 'number', model: 'link', positive: 'link', latent_image: 'link' },
  VAEDecode: { samples: 'link', vae: 'link' },
  ImageScaleBy: { image: 'link', scale_by: 'number' },
  RepeatImageBatch: { image: 'link', amount: 'number' },
  SaveImage: { images: 'link', filename_prefix: 'text' },
}

/** Workflows of those nodes, in the format of ComfyUI's API. */
export const COMFYUI_WORKFLOWS: Readonly<Record<string, unknown>> = {
  'text-to-image': {
    4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'test.safetensors' } },
    5: { class_type: 'EmptyLatentImage', inputs: { width: '{{width}}', height: '{{height}}', batch_size: 1 } },
    6: { class_type: 'CLIPTextEncode', inputs: { text: 'photo of {{prompt}}', clip: ['4', 1] } },
    3: {
      class_type: 'KSampler',
      inputs: { seed: '{{seed}}', model: ['4', 0], positive: ['6', 0], latent_image: ['5', 0] },
    },
    8: { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
    9: { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'millrace' } },
  },
  'image-to-image': {
    4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'test.safetensors' } },
    5: { class_type: 'LoadImage', inputs: { image: '{{image}}' } },
    6: { class_type: 'CLIPTextEncode', inputs: { text: '{{prompt}}', clip: ['4', 1] } },
    7: { class_type: 'VAEEncode', inputs: { pixels: ['5', 0], vae: ['4', 2] } },
    3: {
      class_type: 'KSampler',
      inputs: { seed: '{{seed}}', model: ['4', 0], positive: ['6', 0], latent_image: ['7', 0] },
    },
    8: { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
    9: { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'millrace' } },
  },
  upscale: {
    5: { class_type: 'LoadImage', inputs: { image: '{{image}}' } },
    6: { class_type: 'ImageScaleBy', inputs: { image: ['5', 0], scale_by: 2 } },
    9: { class_type: 'SaveImage', inputs: { images: ['6', 0], filename_prefix: 'millrace' } },
  },
  'image-to-video': {
    5: { class_type: 'LoadImage', inputs: { image: '{{image}}' } },
    6: { class_type: 'RepeatImageBatch', inputs: { image: ['5', 0], amount: 6 } },
    9: { class_type: 'SaveImage', inputs: { images: ['6', 0], filename_prefix: 'millrace' } },
  },
}

/** A ComfyUI server: takes workflows, works on one after the other, keeps what came of them. */
export async function openComfyUiStandIn(): Promise<StandIn & { readonly interrupted: string[] }> {
  const uploads = new Map<string, Uint8Array>()
  const files = new Map<string, Uint8Array>()
  const entries = new Map<string, Entry>()
  const running = new Set<string>()
  const interrupted: string[] = []

  const routes: Readonly<Record<string, (exchange: Exchange) => void>> = {
    'POST /upload/image': ({ files: { image }, json }) => {
      if (!image) throw new Refusal(400, 'no image')
      uploads.set(image.name, image.bytes)
      json({ name: image.name, subfolder: '', type: 'input' })
    },
    'POST /prompt': ({ fields, json, standIn, response }) => {
      const workflow = checked(fields.prompt, uploads)
      const id = randomUUID()
      const { behaviour } = standIn
      if (behaviour === 'busy') return json({ error: { message: 'queue is full' } }, 503)
      if (behaviour === 'nonsense') return void response.end(standIn.nonsense)
      if (behaviour === 'crash') return void response.destroy()
      json({ prompt_id: id, number: 1, node_errors: {} })
      running.add(id)
      // Lost, as by a server that was started again.
      if (behaviour === 'half') return void running.delete(id)
      if (behaviour === 'hang') return
      running.delete(id)
      entries.set(id, behaviour === 'fail' ? FAILED : draw(workflow, uploads, files))
    },
    'GET /queue': ({ json }) =>
      json({ queue_running: [...running].map((id) => [0, id, {}, {}, []]), queue_pending: [] }),
    'POST /queue': ({ fields, json }) => {
      for (const id of fields.delete as string[]) running.delete(id)
      json({})
    },
    'POST /interrupt': ({ fields, json }) => {
      interrupted.push(String(fields.prompt_id))
      running.clear()
      json({})
    },
    'GET /view': ({ url, response, standIn }) => {
      const bytes = files.get(url.searchParams.get('filename') ?? '')
      if (!bytes || url.searchParams.get('type') !== 'output') return void response.writeHead(404).end()
      response.writeHead(200, { 'content-type': 'image/png' })
      if (standIn.behaviour !== 'oversize') return void response.end(bytes)
      const more = () => {
        while (!response.destroyed && response.write(bytes));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    },
  }
  const standIn = await openStandIn({
    failure: (_, message) => ({ error: { type: 'failed', message, details: '' }, node_errors: {} }),
    // What goes wrong here goes wrong in the steps of the routes.
    isJob: () => false,
    health: ({ path, json, standIn: { health } }) => {
      if (path !== '/system_stats') return false
      json({ system: { comfyui_version: '0.3.60' }, devices: [] }, { OK: 200, LOADING: 503, ERROR: 500 }[health])
      return true
    },
    job: (exchange) => {
      const id = /^\/history\/([\w-]+)$/.exec(exchange.path)?.[1]
      if (id !== undefined) return exchange.json(entries.has(id) ? { [id]: entries.get(id) } : {})
      const route = routes[`${exchange.method} ${exchange.path}`]
      if (!route) throw new Refusal(404, '404: Not Found')
      route(exchange)
    },
  })
  return Object.assign(standIn, { interrupted })
}

const FAILED: Entry = {
  outputs: {},
  status: {
    status_str: 'error',
    completed: false,
    messages: [
      ['execution_start', {}],
      ['execution_error', { node_type: 'KSampler', exception_message: 'CUDA out of memory\n', exception_type: 'OOM' }],
    ],
  },
}

function checked(prompt: unknown, uploads: ReadonlyMap<string, unknown>): Readonly<Record<string, Node>> {
  const refuse = (message: string) =>
    new Refusal(400, { error: { type: 'prompt_outputs_failed_validation', message, details: '' }, node_errors: {} })
  const workflow = (prompt ?? {}) as Readonly<Record<string, Node>>
  if (!Object.values(workflow).some(({ class_type }) => class_type === 'SaveImage'))
    throw refuse('Prompt has no outputs')
  for (const [id, { class_type: name, inputs }] of Object.entries(workflow)) {
    const kinds = NODES[name]
    if (!kinds) throw refuse(`Cannot execute because node ${name} does not exist.`)
    for (const [input, kind] of Object.entries(kinds)) {
      const value = inputs[input]
      const fits =
        kind === 'link'
          ? Array.isArray(value) && String(value[0]) in workflow
          : typeof value === (kind === 'text' ? 'string' : kind)
      if (!fits) throw refuse(`Node ${id}: ${input} is not ${kind}`)
    }
    if (name === 'LoadImage' && !uploads.has(String(inputs.image)))
      throw refuse(`Invalid image file: ${String(inputs.image)}`)
  }
  return workflow
}

function draw(
  workflow: Readonly<Record<string, Node>>,
  uploads: ReadonlyMap<string, Uint8Array>,
  files: Map<string, Uint8Array>,
): Entry {
  const inputs = (name: string) => Object.values(workflow).find(({ class_type }) => class_type === name)?.inputs ?? {}
  const loaded = uploads.get(String(inputs('LoadImage').image))
  const source = loaded && sizeOfPicture(loaded)
  const scale = Number(inputs('ImageScaleBy').scale_by ?? 1)
  const width = Number(inputs('EmptyLatentImage').width ?? source?.width) * scale
  const height = Number(inputs('EmptyLatentImage').height ?? source?.height) * scale
  const seed = Number(inputs('KSampler').seed ?? 0)
  const images = Array.from({ length: Number(inputs('RepeatImageBatch').amount ?? 1) }, (_, i) => {
    const filename = `millrace_${String(files.size).padStart(5, '0')}_.png`
    files.set(filename, pictureOf(String(inputs('CLIPTextEncode').text), seed + i, width, height))
    return { filename, subfolder: '', type: 'output' }
  })
  return { outputs: { 9: { images } }, status: { status_str: 'success', completed: true, messages: [] } }
}
