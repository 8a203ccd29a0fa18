import { MillraceError } from '@millrace/base'

type Node = { readonly class_type: string; readonly inputs: Readonly<Record<string, unknown>> }

/** A workflow as ComfyUI saves it for its API: nodes by their id. */
export type Workflow = Readonly<Record<string, Node>>

/** What may stand in a workflow as `{{name}}`. */
export const PLACEHOLDERS = [
  ...['prompt', 'negative_prompt', 'image', 'seed', 'width', 'height', 'num_inference_steps', 'guidance_scale'],
  ...['strength', 'fps', 'motion_bucket_id', 'noise_aug_strength'],
] as const

const PLACEHOLDER = /\{\{\s*(\w+)\s*\}\}/g
const MAX_DEPTH = 20

/** Checks a workflow; throws `ai_models_invalid` with what is wrong and what to do. */
export function readWorkflow(value: unknown, needs: readonly string[]): Workflow {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('it is no JSON object')
  if ('nodes' in value && 'links' in value)
    throw invalid('it was saved for the editor: save it with "Export (API)", or "Save (API Format)" in older versions')
  const nodes = Object.entries(value)
  if (nodes.length === 0) throw invalid('it has no nodes')
  for (const [id, node] of nodes)
    if (typeof node?.class_type !== 'string' || typeof node.inputs !== 'object' || node.inputs === null)
      throw invalid(`node ${id.slice(0, 50)} has no class_type or no inputs`)
  const used = new Set<string>()
  visit(value, (text) => {
    for (const [, name = ''] of text.matchAll(PLACEHOLDER)) used.add(name)
    return text
  })
  const unknown = [...used].find((name) => !(PLACEHOLDERS as readonly string[]).includes(name))
  if (unknown !== undefined) throw invalid(`it has {{${unknown}}}, and there are ${PLACEHOLDERS.join(', ')}`)
  const missing = needs.find((name) => !used.has(name))
  if (missing !== undefined) throw invalid(`it has no {{${missing}}}: put it where the ${missing} belongs`)
  return value as Workflow
}

/** The workflow of a job. A text that is nothing but a placeholder becomes its value, so that numbers stay numbers. */
export function fillWorkflow(workflow: Workflow, values: Readonly<Record<string, string | number>>): Workflow {
  return visit(workflow, (text) => {
    const whole = /^\{\{\s*(\w+)\s*\}\}$/.exec(text)?.[1]
    if (whole !== undefined) return values[whole] ?? ''
    // What was put in is not looked at again: a prompt may hold braces.
    return text.replaceAll(PLACEHOLDER, (_, name: string) => String(values[name] ?? ''))
  }) as Workflow
}

function visit(value: unknown, text: (value: string) => unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw invalid('it is nested too deeply')
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return value.map((item) => visit(item, text, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, text, depth + 1)]))
}

const invalid = (text: string): MillraceError =>
  new MillraceError('ai_models_invalid', `the workflow for ComfyUI cannot be used: ${text}`)
