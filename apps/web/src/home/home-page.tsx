import { Legend } from '../drawing/legend.tsx'
import { NetworkDrawing } from '../drawing/network-drawing.tsx'
import { ChainFigures } from '../figures/chain-figures.tsx'
import { ownRedeemers } from '../figures/orchestrator-rows.ts'
import { OrchestratorTable } from '../figures/orchestrator-table.tsx'
import { PaymentFigures } from '../figures/payment-figures.tsx'
import { RedeemerTable } from '../figures/redeemer-table.tsx'
import { Warnings } from '../figures/warnings.tsx'
import { WorkerTable } from '../figures/worker-table.tsx'
import type { NetworkStore } from '../network/network-store.ts'
import { Publish } from '../publish/publish.tsx'
import { PageFooter } from './page-footer.tsx'
import { PageHeader } from './page-header.tsx'
import { Section } from './section.tsx'
import { useHome } from './use-home.ts'
import { Watch } from './watch.tsx'

/** The one page: the live picture, the network at work, its figures, and how to publish. */
export function HomePage({ store }: { readonly store: NetworkStore }) {
  const home = useHome(store)
  const { view, info, link, paying } = home
  const redeemers = ownRedeemers(view)
  return (
    <>
      <PageHeader link={link} chain={view.chain} offchain={info?.offchain ?? false} />
      <main>
        <Section id="watch" title="Live">
          <Watch home={home} />
        </Section>
        <Warnings warnings={view.warnings} />
        <Section id="network" title="The network at work">
          <p className="lead">
            The gateway cuts a stream into segments and sends each one to an orchestrator, whose worker makes the other
            qualities.
            {paying && ' Every segment is paid for with tickets; few of them win, and the chain pays those out.'}
          </p>
          <div className="card">
            <NetworkDrawing view={view} listen={store.listen} />
            <Legend paying={paying} />
          </div>
        </Section>
        <Section id="figures" title="Figures">
          <div className="figure-cards">
            {paying && (
              <div className="card">
                <h3>Payments</h3>
                <PaymentFigures view={view} />
              </div>
            )}
            {view.chain && (
              <div className="card">
                <h3>Chain</h3>
                <ChainFigures chain={view.chain} totals={view.totals} />
              </div>
            )}
            <div className="card wide">
              <h3>Orchestrators</h3>
              <OrchestratorTable view={view} />
            </div>
            <div className="card wide">
              <h3>Workers</h3>
              <WorkerTable view={view} />
            </div>
            {redeemers.length > 0 && (
              <div className="card wide">
                <h3>Redeemers</h3>
                <RedeemerTable redeemers={redeemers} />
              </div>
            )}
          </div>
        </Section>
        {info && (
          <Section id="publish" title="Publish your own">
            <Publish info={info} />
          </Section>
        )}
      </main>
      <PageFooter />
    </>
  )
}
