export { EvidenceServer, fetchEvidence, sendEvidence } from '../links/http/evidence-door.ts'
export { OrchestratorServer } from '../links/http/orchestrator-server.ts'
export { SecureClient } from '../links/http/secure-fetch.ts'
export { Challenger, type ChallengerDeps } from './challenger.ts'
export {
  decodeEvidence,
  type Evidence,
  type EvidenceHashes,
  encodeEvidence,
  evidenceKey,
  hashesOf,
} from './evidence.ts'
export { type EvidenceJudgeDeps, evidenceJudge } from './evidence-judge.ts'
export { EvidenceStore } from './evidence-store.ts'
export { OpenDisputes } from './open-disputes.ts'
