#!/usr/bin/env node
// What AI on live video takes, from glass to glass and stage by stage, over a paid network on this machine. `--quick` takes about a minute.
import { runTopics } from './topics.js'

await runTopics('Millrace AI benches', { live: () => import('./ai/live.js') })
