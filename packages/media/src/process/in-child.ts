/** What a compiled module does first when it runs as a media child: it outlives Ctrl-C but never its parent. */
export function becomeMediaChild<Message>(onMessage: (message: Message) => void): (message: unknown) => void {
  // Ctrl-C reaches the whole group; the parent decides when this process ends.
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.exit(0))
  process.on('message', onMessage as (message: unknown) => void)
  return (message) => {
    if (process.connected) process.send?.(message)
  }
}
