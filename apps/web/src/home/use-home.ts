import type { StreamView } from '@millrace/wire'
import { useState } from 'react'
import type { NetworkSnapshot, NetworkStore } from '../network/network-store.ts'
import { useNetwork } from '../network/use-network.ts'

/** What the home page shows, and the viewer's choice of a stream. */
export type Home = NetworkSnapshot & {
  readonly live: readonly StreamView[]
  readonly shown: StreamView | undefined
  readonly choose: (manifestId: string) => void
  /** False off chain, where nothing is paid. */
  readonly paying: boolean
}

/** The data of the home page. */
export function useHome(store: NetworkStore): Home {
  const snapshot = useNetwork(store)
  const [chosen, choose] = useState<string>()
  const live = Object.values(snapshot.view.streams).filter((stream) => stream.live)
  const shown = live.find(({ manifestId }) => manifestId === chosen) ?? live[0]
  return { ...snapshot, live, shown, choose, paying: snapshot.view.chain !== undefined }
}
