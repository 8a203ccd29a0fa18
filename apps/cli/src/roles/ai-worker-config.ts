import { type AiModelEntry, capabilityOf, readAiModels } from '@millrace/ai'
import { type Log, multiplyRational, type Rational, rational } from '@millrace/base'
import type { AiPriceConfig, AiWorkerConfig } from '@millrace/node'
import { type Address, nodeId } from '@millrace/wire'
import { badFlag, type Flags } from '../flags/flags.ts'
import { missing } from '../flags/read-flags.ts'
import { listenAt } from './addresses.ts'
import { secretText } from './secret-text.ts'
import { orchestratorOf } from './worker-config.ts'

/** What -aiModels names; empty without it. Throws `ai_models_invalid` with the entry and the field that are wrong. */
export async function aiModelsOf(flags: Flags, log?: Pick<Log, 'warn'>): Promise<readonly AiModelEntry[]> {
  const text = flags.optional('aiModels')
  if (text === undefined) return []
  const { entries, warnings } = await readAiModels(text)
  for (const warning of warnings) log?.warn(warning)
  return entries
}

/** An AI worker; `local` is true when the orchestrator is one of the same process. */
export function aiWorkerConfig(
  flags: Flags,
  entries: readonly AiModelEntry[],
  options: { readonly local: boolean },
): AiWorkerConfig {
  if (entries.length === 0)
    throw missing('aiModels', 'an AI worker needs the list of its models, such as a file aiModels.json (docs/ai.md)')
  const folder = flags.optional('aiModelsDir')
  const runnerAddr = flags.optional('aiRunnerAddr')
  const token = flags.optional('aiRunnerToken')
  return {
    workerId: nodeId('ai-worker'),
    models: entries.map(({ price: _, gateway: __, ...model }) => model),
    ...(folder !== undefined && { folder }),
    // One that is used as a container needs no orchestrator of its own.
    ...(!options.local && (runnerAddr === undefined || joins(flags)) && { orchestrator: joinedOrchestrator(flags) }),
    ...(runnerAddr !== undefined && {
      runnerApi: {
        listen: listenAt('aiRunnerAddr', runnerAddr, { host: '127.0.0.1', port: 8000 }),
        ...(token !== undefined && { token: secretText(token, 'aiRunnerToken') }),
      },
    }),
  }
}

const joins = (flags: Flags): boolean => flags.isSet('orchAddr') || flags.isSet('join')

function joinedOrchestrator(flags: Flags): { readonly uri: string; readonly secret: string } {
  const { uri, secret } = orchestratorOf(flags)
  return { uri, secret }
}

/** What the models cost, for the orchestrator that sells them. */
export function aiPricesOf(entries: readonly AiModelEntry[], onChain: boolean): readonly AiPriceConfig[] {
  if (!onChain) return []
  return entries.flatMap(({ pipeline, modelId, price, gateway }) => {
    const capability = capabilityOf(pipeline)
    if (capability === undefined || !price) return []
    const to = gateway === undefined || gateway === '' || gateway === 'default' ? undefined : gateway.toLowerCase()
    const { currency } = price
    const inWei = currency === 'WEI' || currency === 'ETH'
    return [
      {
        ...{ capability, modelId },
        pricePerUnit: fitting(
          currency === 'ETH' ? multiplyRational(price.perUnit, WEI_PER_ETH) : price.perUnit,
          modelId,
        ),
        ...(!inWei && { currency }),
        ...(to !== undefined && { gateway: to as Address }),
      },
    ]
  })
}

const WEI_PER_ETH = rational(10n ** 18n)
const INT64 = (1n << 63n) - 1n

/** Prices travel as two int64. */
function fitting(price: Rational, modelId: string): Rational {
  const { num, den } = rational(price.num, price.den)
  if (num > INT64 || den > INT64)
    throw badFlag('aiModels', `a price of ${modelId} that fits two numbers of 64 bits`, `${num}/${den}`)
  return { num, den }
}
