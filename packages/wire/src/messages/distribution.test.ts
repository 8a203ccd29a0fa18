import { expect, it } from 'vitest'
import {
  type DistributionReport,
  decodeDistributionReport,
  decodeDistributionRequest,
  encodeDistributionReport,
  encodeDistributionRequest,
  MAX_REPORTED_VIEWERS,
} from './distribution.ts'
import { decodeOrchestratorInfo, encodeOrchestratorInfo, type OrchestratorInfo } from './orchestratorInfo.ts'

const INFO: OrchestratorInfo = {
  serviceUri: 'https://127.0.0.1:8935',
  address: '0x00000000000000000000000000000000000000aa',
  priceInfo: { pricePerUnit: 7n, pixelsPerUnit: 2n },
  hardware: [],
  storage: [],
  capabilitiesPrices: [],
  nodes: [],
  distribution: { pricePerUnit: 7n, bytesPerUnit: 2n, viewerUrl: 'https://edge.example.org' },
}

it('an offer to serve viewers travels in the terms, and terms without one have none', () => {
  expect(decodeOrchestratorInfo(encodeOrchestratorInfo(INFO))).toEqual(INFO)
  const { distribution: _, ...without } = INFO
  expect(decodeOrchestratorInfo(encodeOrchestratorInfo(without))).not.toHaveProperty('distribution')
})

it('requests and reports come out as they went in', () => {
  const request = { origin: 'http://127.0.0.1:9935', viewerKey: new Uint8Array(32).fill(9), since: 12, end: true }
  expect(decodeDistributionRequest(encodeDistributionRequest(request))).toEqual(request)
  const report: DistributionReport = {
    info: INFO,
    revision: 3,
    totalBytes: 5_000_000_000,
    viewers: [{ viewer: '0123456789abcdef', bytes: 4_999_999_999 }],
  }
  expect(decodeDistributionReport(encodeDistributionReport(report))).toEqual(report)
})

it('a report is no longer than is agreed, and a key no shorter', () => {
  const viewers = Array.from({ length: MAX_REPORTED_VIEWERS + 1 }, () => ({ viewer: '0123456789abcdef', bytes: 1 }))
  expect(() => encodeDistributionReport({ info: INFO, revision: 1, totalBytes: 1, viewers })).toThrow('at most 5000')
  const short = encodeDistributionRequest({ origin: 'http://a', viewerKey: new Uint8Array(31), since: 0, end: false })
  expect(() => decodeDistributionRequest(short)).toThrow('expected 32')
})
