#!/usr/bin/env node
// What the whole costs, one topic after the other. `--quick` takes at most two minutes; `--only wire,tickets` runs some.
import { runTopics } from './topics.js'

await runTopics('Millrace benches', {
  wire: () => import('./wire.js'),
  tickets: () => import('./tickets.js'),
  transcoding: () => import('./transcoding.js'),
  roles: () => import('./roles.js'),
  startup: () => import('./startup.js'),
})
