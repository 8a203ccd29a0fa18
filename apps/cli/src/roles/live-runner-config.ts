import { readFileSync } from 'node:fs'
import { readStaticRunners } from '@millrace/ai'
import { errorText, MillraceError } from '@millrace/base'
import type { OrchestratorConfig } from '@millrace/node'
import { badFlag, type Flags } from '../flags/flags.ts'

/** The apps behind an orchestrator; none unless a flag asks for them. Throws `bad_flag` for a file or an address that cannot be used. */
export function liveRunnerConfig(flags: Flags, onChain: boolean): Pick<OrchestratorConfig, 'liveRunners'> {
  const path = flags.optional('liveRunnerConfig')
  if (path === undefined && !flags.switch('useLiveRunners')) return {}
  const runnerAddr = flags.optional('liveRunnerAddr')
  const proxyUrl = flags.optional('liveRunnerProxyUrl')
  if (runnerAddr !== undefined && !(URL.canParse(runnerAddr) && /^https?:$/.test(new URL(runnerAddr).protocol)))
    throw badFlag('liveRunnerAddr', 'a whole URL such as http://orchestrator:8935', runnerAddr)
  if (proxyUrl !== undefined && proxyUrl.split('{proxy}').length !== 2)
    throw badFlag('liveRunnerProxyUrl', 'a URL with one {proxy}, as in https://example.com/run/{proxy}', proxyUrl)
  return {
    liveRunners: {
      ...(path !== undefined && { document: documentAt(path, onChain) }),
      ...(runnerAddr !== undefined && { runnerAddr }),
      ...(proxyUrl !== undefined && { proxyUrl }),
    },
  }
}

function documentAt(path: string, onChain: boolean): string {
  try {
    const document = readFileSync(path, 'utf8')
    readStaticRunners(document, { needsPrice: onChain })
    return document
  } catch (cause) {
    throw new MillraceError('bad_flag', `-liveRunnerConfig ${path}: ${errorText(cause)}`, { cause })
  }
}
