export { TsMuxer, muxTs } from './ts/muxer.ts'
