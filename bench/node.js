#!/usr/bin/env node
// What a node costs without its transcoding, one topic after the other. `--quick` takes about a minute; `--only tickets,memory` runs some.
import { runTopics } from './topics.js'

await runTopics('Millrace node benches', {
  tickets: () => import('./node/tickets.js'),
  selection: () => import('./node/selection.js'),
  segments: () => import('./node/segments.js'),
  memory: () => import('./node/memory.js'),
  streams: () => import('./node/streams.js'),
})
