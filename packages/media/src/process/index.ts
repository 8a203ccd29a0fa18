export { type Av, avError, EAGAIN, EOF, loadAv } from './av.ts'
export { forkMediaChild, type MediaChild } from './child.ts'
export { becomeMediaChild } from './in-child.ts'
