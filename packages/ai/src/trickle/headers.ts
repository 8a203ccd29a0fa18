/** Headers of the trickle protocol, as Node.js reads them. */
export const TRICKLE_HEADER = {
  /** Of an answer: the segment that it is about. */
  seq: 'lp-trickle-seq',
  /** Of an answer: the segment that is to be written next. */
  latest: 'lp-trickle-latest',
  /** Of an answer: the channel has ended. */
  closed: 'lp-trickle-closed',
  /** Of a POST: the publisher began anew, what it left open ends. */
  reset: 'lp-trickle-reset',
  /** Of a POST that creates a channel: the MIME type of its segments. */
  expectContent: 'expect-content',
} as const

/** The channel is there, and the segment is not. */
export const STATUS_NO_SEGMENT = 470

/** Asks for the segment that is to be written next. */
export const SEQ_NEXT = -1
/** Asks for the segment that is being written. */
export const SEQ_CURRENT = -2
