/** The package gives no types for its light build, which is the same without alternate audio, subtitles and DRM. */
declare module 'hls.js/light' {
  import Hls from 'hls.js'

  export * from 'hls.js'
  export default Hls
}
