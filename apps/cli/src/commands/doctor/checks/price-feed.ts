import { floorRational } from '@millrace/base'
import type { PriceFeed } from '@millrace/chain'
import { formatWei } from '@millrace/wire'
import { type Outcome, ok, warning } from '../finding.ts'
import { readFeed } from '../read-price.ts'
import type { Subject } from '../subject.ts'

/** Feeds of the live network answer at least once a day. */
const OLD_MS = 25 * 3_600_000

/** Whether the price feed converts the currency that the set-up names prices in. */
export async function priceFeed(subject: Subject, currency: string): Promise<Outcome> {
  const feed = await readFeed(await subject.client(), subject.chain!, currency)
  return judgeFeed(feed, `1 ${currency} costs ${formatWei(floorRational(feed.weiPerUnit))}`, Date.now())
}

/** What the age of a feed's answer means at a time in milliseconds. */
export function judgeFeed({ base, quote, updatedAtMs }: PriceFeed, price: string, now: number): Outcome {
  const ageMs = now - updatedAtMs
  const seen = `${base} / ${quote}: ${price}, answered ${Math.max(0, Math.round(ageMs / 60_000))} minutes ago`
  const facts = { base, quote, ageMs }
  if (ageMs > OLD_MS)
    return warning(seen, 'that is long ago: name another feed with -priceFeedAddr, or the price in wei', { facts })
  return ok(seen, { facts })
}
