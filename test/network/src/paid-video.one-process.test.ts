import { paidVideoSuite } from './paid-video.suite.ts'

paidVideoSuite('one process')
