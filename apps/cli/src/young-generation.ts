import { setFlagsFromString } from 'node:v8'

/**
 * Loading code leaves much that dies young. V8 would double its young generation for it up to 32 MB and keep that for as
 * long as the process runs, although an idle node has no use for it; so it does not grow until the node is up.
 */
export const keepYoungGenerationSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1')

/** From here on the young generation grows with the work, as V8 has it. */
export const letYoungGenerationGrow = (): void => setFlagsFromString('--semi-space-growth-factor=2')
