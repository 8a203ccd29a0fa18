import { paidVideoSuite } from './paid-video.suite.ts'

paidVideoSuite('a process each')
