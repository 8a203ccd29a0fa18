export { brokenBetween, brokenRules, type ReadPlaylist, readPlaylist } from './hls-rules.ts'
export {
  inspectSegment,
  makeTestClip,
  makeTestFilm,
  makeTestLie,
  publishTestClip,
  readMarks,
  type TestClip,
  type TestClipOptions,
} from './test-clip.ts'
export type { FilmOptions, Inspection, LieRequest } from './testing-messages.ts'
export { WebRtcClient } from './webrtc-client.ts'
