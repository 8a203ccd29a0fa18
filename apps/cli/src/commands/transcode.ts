import { defineCommand } from 'citty'

/** `millrace transcode`: one file through the paid network. */
export const transcode = defineCommand({
  meta: { name: 'transcode', description: 'Transcode a file through the paid network' },
})
