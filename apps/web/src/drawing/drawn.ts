export type Point = { readonly x: number; readonly y: number }

/** A node as the drawing shows it: a place, a size and a few words. */
export type DrawnNode = Point & {
  readonly id: string
  readonly kind: 'gateway' | 'orchestrator' | 'worker' | 'redeemer' | 'delegator'
  /** Half of its width. */
  readonly size: number
  readonly label: string
  readonly detail: string
  readonly up: boolean
  /** Segments done; undefined for those who do none. */
  readonly segments?: number
  readonly busy?: number
  /** Won tickets that wait to be paid out. */
  readonly wonTickets?: number
}

export type DrawnLine = {
  readonly from: string
  readonly to: string
  readonly kind: 'work' | 'stake'
  readonly up: boolean
}

type Box = Point & { readonly width: number; readonly height: number }

/** Where the chain's bar stands, with the track of the round in it. */
export type ChainPlace = Box & {
  readonly track: Box
  /** How far the round is, from 0 to 1; undefined where that cannot be told. */
  readonly progress: number | undefined
}

export type Layout = {
  readonly width: number
  readonly height: number
  readonly nodes: readonly DrawnNode[]
  readonly lines: readonly DrawnLine[]
  /** The bar of the chain; undefined off chain. */
  readonly chain: ChainPlace | undefined
  /** Orchestrators beyond those that are drawn. */
  readonly hidden: number
}
