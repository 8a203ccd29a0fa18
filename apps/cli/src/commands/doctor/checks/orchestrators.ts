import { compareRational, type Rational } from '@millrace/base'
import { createKeySigner } from '@millrace/wire/node'
import { askTerms, priceText, someOrchestrators, type Terms, termsFacts } from '../ask-terms.ts'
import { failed, type Outcome, ok, warning } from '../finding.ts'
import type { Subject } from '../subject.ts'

const ASKED = 8

/** Whether a gateway finds orchestrators that give it terms at or below its maximum price. */
export async function orchestrators(subject: Subject, signal: AbortSignal): Promise<Outcome> {
  const { orchestrators: listed } = subject.config.gateway!
  const onChain = subject.chain !== undefined
  const candidates = listed
    ? listed.slice(0, ASKED).map((serviceUri) => ({ serviceUri }))
    : await someOrchestrators(await subject.client(), { limit: ASKED })
  const terms = await askTerms(candidates, {
    signer: onChain ? createKeySigner((await subject.key()).privateKey) : undefined,
    allowPrivate: listed !== undefined || subject.chain?.payments === 'devnet',
    signal,
  })
  return judgeTerms(terms, await subject.maxPrice())
}

/** What the answers of the orchestrators mean for a gateway that pays `most` wei per pixel at most. */
export function judgeTerms(terms: readonly Terms[], most: Rational | undefined): Outcome {
  const facts = { asked: termsFacts(terms), ...(most && { maxWeiPerPixel: priceText(most) }) }
  if (terms.length === 0)
    return failed('no orchestrator is known', 'name some with -orchAddr, or use a network with active orchestrators', {
      facts,
    })
  const answered = terms.filter(({ error }) => error === undefined)
  const fitting = answered.filter(({ price }) => !most || !price || compareRational(price, most) <= 0)
  const cheapest = answered.flatMap(({ price }) => price ?? []).sort(compareRational)[0]
  const ceiling = most ? ` at ${priceText(most)} wei per pixel or less` : ''
  const seen = `${fitting.length} of ${terms.length} asked orchestrators take streams${ceiling}${cheapest ? `, the cheapest for ${priceText(cheapest)}` : ''}`
  const silent = terms.find(({ error }) => error !== undefined)
  const why = silent ? `; ${silent.serviceUri.slice(0, 100)}: ${silent.error?.slice(0, 200)}` : ''
  if (answered.length === 0)
    return failed(
      `${seen}${why}`,
      'check -orchAddr and that they run; "insufficient sender reserve" means that the reserve is too small',
      { facts },
    )
  if (fitting.length === 0) return failed(seen, 'raise -maxPricePerUnit, or ask other orchestrators', { facts })
  // A stream keeps a spare session warm.
  if (fitting.length === 1)
    return warning(`${seen}${why}`, 'with one orchestrator nothing stands in when it fails: name more, or pay more', {
      facts,
    })
  return ok(`${seen}${why}`, { facts })
}
