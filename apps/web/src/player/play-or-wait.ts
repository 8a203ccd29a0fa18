/** Starts to play and leaves it to the viewer where the browser wants a click first. */
export const playOrWait = (video: HTMLVideoElement): void => {
  video.play().catch(() => {})
}
