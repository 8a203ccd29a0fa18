import { formatLpt, formatPerc9, type NetworkView, type NodeEventOf } from '@millrace/wire'
import { formatCount, formatShare } from '../format/numbers.ts'
import { Figure } from './figure.tsx'

type ChainFiguresProps = {
  readonly chain: NodeEventOf<'chain_state'>
  readonly totals: NetworkView['totals']
}

/** The chain's state as the nodes read it last. */
export function ChainFigures({ chain, totals }: ChainFiguresProps) {
  const supply = BigInt(chain.totalSupplyLpt)
  const staked = BigInt(chain.totalBondedLpt)
  // Both fit a double well enough for a percentage once they are whole LPT.
  const stakedShare = formatShare(Number(staked / 10n ** 18n), Number(supply / 10n ** 18n))
  return (
    <dl className="figures">
      <Figure
        name="round"
        label="Round"
        value={chain.round}
        text={formatCount(BigInt(chain.round))}
        {...(!chain.roundInitialized && { hint: 'about to start' })}
      />
      <Figure name="block" label="Block" value={chain.block} text={formatCount(BigInt(chain.block))} />
      <Figure
        name="blocks-to-next-round"
        label="Blocks to the next round"
        value={chain.blocksToNextRound}
        text={formatCount(chain.blocksToNextRound)}
      />
      <Figure name="supply-lpt" label="LPT in all" value={supply} text={formatLpt(supply)} />
      <Figure name="staked-lpt" label="Staked" value={staked} text={formatLpt(staked)} hint={`${stakedShare} of all`} />
      <Figure
        name="rewards-lpt"
        label="Rewards minted"
        value={totals.rewardsLpt}
        text={formatLpt(totals.rewardsLpt)}
        hint={`${formatCount(totals.rewardCalls)} calls, ${formatPerc9(BigInt(chain.inflationPerc9))} a round`}
      />
    </dl>
  )
}
