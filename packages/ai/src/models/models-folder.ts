import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where models are kept; all processes of a machine share the folder. */
export const modelsFolder = (): string => process.env.MILLRACE_MODELS ?? join(homedir(), '.cache/millrace/models')
