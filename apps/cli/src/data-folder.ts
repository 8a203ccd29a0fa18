import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where a network keeps its data unless told otherwise. */
export const defaultDataFolder = (network: string): string => join(homedir(), '.millrace', network)
