export { openS3Server, type S3Server } from '../storage/s3/s3-server.fixture.ts'
export { CC1, withCaptions } from './captions.ts'
export { brokenBetween, brokenRules, type ReadPlaylist, readPlaylist } from './hls-rules.ts'
export type { MediaFileOptions } from './media-file.ts'
export { type RtspServer, serveRtsp } from './rtsp-server.ts'
export { type FolderServer, serveFolder } from './serve-folder.ts'
export {
  inspectSegment,
  makeMediaFile,
  makeTestClip,
  makeTestFilm,
  makeTestLie,
  publishFile,
  publishTestClip,
  readMarks,
  type TestClip,
  type TestClipOptions,
} from './test-clip.ts'
export type { FilmOptions, Inspection, LieRequest } from './testing-messages.ts'
export { allocateFor, TurnTestClient } from './turn-client.ts'
export { WebRtcClient } from './webrtc-client.ts'
