import type { NodeEventOf } from '@millrace/wire'
import { formatCount } from '../format/numbers.ts'
import type { LinkState } from '../network/network-store.ts'

type PageHeaderProps = {
  readonly link: LinkState
  readonly chain: NodeEventOf<'chain_state'> | undefined
  readonly offchain: boolean
}

/** The name, the ways through the page, and whether the network answers. */
export function PageHeader({ link, chain, offchain }: PageHeaderProps) {
  return (
    <header className="page-header">
      <h1>
        <img src="/favicon.svg" alt="" width={28} height={28} /> Millrace
      </h1>
      <nav aria-label="On this page">
        <a href="#watch">Live</a>
        <a href="#network">Network</a>
        <a href="#figures">Figures</a>
        <a href="#publish">Publish</a>
      </nav>
      <p className={`link ${link}`}>
        {link === 'live' && chain
          ? `Round ${formatCount(BigInt(chain.round))}, block ${formatCount(BigInt(chain.block))}`
          : link === 'live' && offchain
            ? 'Without payments'
            : LINK_TEXTS[link]}
      </p>
    </header>
  )
}

const LINK_TEXTS: Readonly<Record<LinkState, string>> = {
  connecting: 'Connecting …',
  live: 'Connected',
  lost: 'The network does not answer; trying again',
}
