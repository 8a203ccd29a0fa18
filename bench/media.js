#!/usr/bin/env node
// What the media server costs, one topic after the other. `--quick` takes about a minute; `--only playlists` runs some.
import { runTopics } from './topics.js'

await runTopics('Millrace media benches', {
  playlists: () => import('./media/playlists.js'),
})
