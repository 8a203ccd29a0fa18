/** A header value longer than this is refused; Go's servers refuse more than 1 MB of headers in all. */
export const MAX_HEADER_LENGTH = 1_000_000
/** A gRPC message or result body longer than this is refused (gRPC's standard limit). */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024
/** The most tickets in one payment (pm spec: 600 nonces per recipientRand). */
export const MAX_TICKETS_PER_PAYMENT = 600
/** The most renditions asked for or delivered with one segment. */
export const MAX_PROFILES = 32
/** The most 64-bit words in a capability bit string. */
export const MAX_CAPABILITY_WORDS = 64
/** The most entries of any other list or map in a message. */
export const MAX_LIST_ITEMS = 1024
/** The longest manifest id or session id in UTF-8 bytes. */
export const MAX_ID_BYTES = 512
