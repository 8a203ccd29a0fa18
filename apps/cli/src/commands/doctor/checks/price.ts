import { compareRational, multiplyRational, type Rational, rational } from '@millrace/base'
import { createKeySigner } from '@millrace/wire/node'
import { askTerms, priceText, someOrchestrators, type Terms, termsFacts } from '../ask-terms.ts'
import { type Outcome, ok, warning } from '../finding.ts'
import { weiPerPixel } from '../read-price.ts'
import type { Subject } from '../subject.ts'

const ASKED = 8
const TIMES: Rational = rational(2n)

/** The orchestrator's price against those that a few others of the network advertise. */
export async function price(subject: Subject, signal: AbortSignal): Promise<Outcome> {
  const [client, key, self] = await Promise.all([subject.client(), subject.key(), subject.orchestrator()])
  const others = await someOrchestrators(client, { limit: ASKED, except: self })
  const terms = await askTerms(others, {
    signer: createKeySigner(key.privateKey),
    allowPrivate: subject.chain!.payments === 'devnet',
    signal,
  })
  return judgePrice(await weiPerPixel(client, subject.chain!, subject.config.orchestrator!), terms)
}

/** A price that is more than twice, or less than half, of what is usual deserves a second look. */
export function judgePrice(own: Rational, terms: readonly Terms[]): Outcome {
  const prices = terms.flatMap(({ price: told }) => told ?? []).sort(compareRational)
  const facts = { ownWeiPerPixel: priceText(own), asked: termsFacts(terms) }
  const median = prices[prices.length >> 1]
  if (!median) {
    const why = terms[0]?.error
    return warning(
      `yours is ${priceText(own)} wei per pixel; none of ${terms.length} other orchestrators told a price${why === undefined ? '' : ` (${why.slice(0, 200)})`}`,
      'orchestrators tell their terms only to accounts with a reserve: run this check with the flags of a gateway, or compare prices in the explorer',
      { facts },
    )
  }
  const seen = `yours is ${priceText(own)} wei per pixel; ${prices.length} of ${terms.length} others ask ${priceText(prices[0]!)} to ${priceText(prices.at(-1)!)}, half of them ${priceText(median)} or less`
  if (compareRational(own, multiplyRational(median, TIMES)) > 0)
    return warning(seen, 'yours is more than twice what is usual: few gateways will choose you; lower -pricePerUnit', {
      facts,
    })
  if (compareRational(multiplyRational(own, TIMES), median) < 0)
    return warning(seen, 'yours is less than half of what is usual: check -pricePerUnit and -pixelsPerUnit', { facts })
  return ok(seen, { facts })
}
