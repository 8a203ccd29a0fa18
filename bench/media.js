#!/usr/bin/env node
// What the media server costs and how late it is, one topic after the other. `--quick` takes about two minutes; `--only playlists` runs some.
import { runTopics } from './topics.js'

await runTopics('Millrace media benches', {
  parts: () => import('./media/parts.js'),
  sessions: () => import('./media/sessions.js'),
  transcoding: () => import('./media/transcoding.js'),
  glass: () => import('./media/glass.js'),
  ingest: () => import('./media/ingest.js'),
  playlists: () => import('./media/playlists.js'),
  whep: () => import('./media/whep.js'),
})
