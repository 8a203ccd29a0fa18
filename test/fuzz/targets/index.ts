import type { Target } from '../target.ts'
import { aiTargets } from './ai.ts'
import { computeTargets } from './compute.ts'
import { doorTargets } from './doors.ts'
import { fileTargets } from './files.ts'
import { mediaTargets } from './media.ts'
import { messageTargets } from './messages.ts'
import { signerTarget } from './signer-door.ts'
import { srtTarget } from './srt.ts'
import { stunTargets } from './stun.ts'

/** Every door that bytes of a stranger, or of a damaged file, come through. */
export const targets: readonly Target[] = [
  ...messageTargets,
  ...mediaTargets,
  ...fileTargets,
  ...doorTargets,
  ...stunTargets,
  ...aiTargets,
  ...computeTargets,
  signerTarget,
  srtTarget,
]
