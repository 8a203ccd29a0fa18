import { useSyncExternalStore } from 'react'
import type { NetworkSnapshot, NetworkStore } from './network-store.ts'

/** The network as it stands now; the component is drawn again when it changes. */
export const useNetwork = (store: NetworkStore): NetworkSnapshot =>
  useSyncExternalStore(store.subscribe, store.snapshot)
