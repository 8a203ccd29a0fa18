import { concatBytes, utf8 } from '@millrace/base'
import { type Cid, cidBytes } from './cid.ts'
import { varint } from './protobuf.ts'

/** The head of a CARv1 file with one root: a length and a map in DAG-CBOR. */
export function carHeader(root: Cid): Uint8Array {
  const cid = cidBytes(root)
  const header = concatBytes(
    new Uint8Array([0xa2, 0x65]),
    utf8('roots'),
    // A list of one link: tag 42 on a byte string that begins with a zero.
    new Uint8Array([0x81, 0xd8, 0x2a, 0x58, cid.length + 1, 0]),
    cid,
    new Uint8Array([0x67]),
    utf8('version'),
    new Uint8Array([1]),
  )
  return concatBytes(varint(header.length), header)
}

/** One block of a CAR file. */
export function carBlock(cid: Cid, block: Uint8Array): Uint8Array {
  const name = cidBytes(cid)
  return concatBytes(varint(name.length + block.length), name, block)
}
