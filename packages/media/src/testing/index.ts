export {
  inspectSegment,
  makeTestClip,
  publishTestClip,
  readMarks,
  type TestClip,
  type TestClipOptions,
} from './test-clip.ts'
export type { Inspection } from './testing-messages.ts'
export { WebRtcClient } from './webrtc-client.ts'
