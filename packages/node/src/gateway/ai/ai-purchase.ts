import {
  type AiFile,
  type AiJob,
  type AiResult,
  checkResponse,
  fromDataUrl,
  mapUrls,
  type Pipeline,
  type RunContext,
  urlsOf,
  writeJob,
} from '@millrace/ai'
import { floorRational, keccak256, MillraceError, type Rational, rational, toHex } from '@millrace/base'
import { feeOf, type GatewayBalances } from '@millrace/payments'
import {
  AI_WORKER_AUTHORIZATION,
  type Capabilities,
  encodeSegmentHeader,
  HEADER,
  manifestId,
  type OrchestratorInfo,
  type SegData,
  sessionId,
} from '@millrace/wire'
import type { SecureClient, SecureResponse } from '../../links/http/secure-fetch.ts'
import { NOT_PAID, type PreparedPayment, pay } from '../pay.ts'
import type { PaidSession, PaymentSource } from '../payment-source.ts'
import { receiveChunks } from './receive-chunks.ts'

/** A result and its files. */
const MAX_ANSWER_BYTES = 100_000_000
const MAX_FILES = 64
const DOWNLOAD_TIMEOUT_MS = 60_000
const NOTHING = keccak256(new Uint8Array(0))

export type AiPurchase = {
  readonly pipeline: Pipeline
  readonly job: AiJob
  readonly modelId: string
  readonly units: bigint
  readonly info: OrchestratorInfo
  readonly capabilities: Capabilities
  readonly initialPrice: Rational | undefined
  readonly timeoutMs: number
  readonly context: RunContext
}

export type AiPurchaseDeps = {
  /** Undefined off chain: nothing is signed and nothing paid. */
  readonly payer: PaymentSource | undefined
  readonly balances: GatewayBalances
  readonly http: SecureClient
}

export type BoughtAiResult = { readonly result: AiResult; readonly feeWei: bigint; readonly tickets: number }

/**
 * Has one orchestrator do one job and pays for it; throws what it answered.
 * The payment is settled whichever way it ends: nothing is counted as spent for work that was refused or failed.
 */
export async function purchaseAiJob(purchase: AiPurchase, deps: AiPurchaseDeps): Promise<BoughtAiResult> {
  const { pipeline, job, units, info, timeoutMs, context } = purchase
  const { signal } = context
  const paid = paidSession(purchase)
  const header = await signedHeader(purchase, paid, deps)
  const payment = deps.payer
    ? await pay(
        deps.payer,
        { paid, initialPrice: purchase.initialPrice, feeAt: (price) => feeOf(units, price), signal },
        deps.balances,
      )
    : NOT_PAID
  const settle = settler(payment, deps.balances)
  const fee = payment.price ? feeOf(units, payment.price) : rational(0n)
  let served = false
  try {
    const { contentType, body } = writeJob(pipeline, job)
    const url = new URL(`/${pipeline.name}`, info.serviceUri).href
    const headers = {
      'content-type': contentType,
      authorization: AI_WORKER_AUTHORIZATION,
      [HEADER.segment]: header,
      ...(payment.header && { [HEADER.payment]: payment.header }),
    }
    const bought = { feeWei: floorRational(fee), tickets: payment.tickets }
    if (pipeline.streams && job.request.stream === true && context.onChunk) {
      const response = await receiveChunks(
        url,
        { headers, body, timeoutMs, ...context, onChunk: context.onChunk },
        deps.http,
      )
      settle({ status: 'receivedChange', debit: fee })
      return { result: { response, files: [] }, ...bought }
    }
    const sent = { headers, body, headTimeoutMs: timeoutMs, timeoutMs, maxBytes: MAX_ANSWER_BYTES, signal }
    const answer = await deps.http.fetch(url, sent)
    if (answer.status !== 200) throw refusalOf(answer)
    served = true
    const result = await resultOf(purchase, answer, deps)
    settle({ status: 'receivedChange', debit: fee })
    return { result, ...bought }
  } catch (error) {
    settle(served ? { status: 'receivedChange', debit: fee } : outcomeOf(error))
    throw error
  }
}

/**
 * What was refused before the payment was read stays as it was; what failed after it left its credit where it is, and so, as far as
 * anybody here knows, did what was not answered. An orchestrator that knows of less credit, because it did the work after all or began
 * anew, is right: then the next try pays anew.
 */
export function outcomeOf(error: unknown): Parameters<GatewayBalances['settle']>[1] {
  const { status, peerText } = error instanceof MillraceError ? error.meta : {}
  const text = String(peerText ?? '').toLowerCase()
  if (text.includes('insufficient balance')) return { status: 'creditSpent' }
  const unread = status === 402 || status === 403 || status === 413 || status === 415
  if (unread || (status === 503 && text.includes('insufficient capacity'))) return { status: 'staged' }
  return { status: 'receivedChange', debit: rational(0n) }
}

function settler(payment: PreparedPayment, balances: GatewayBalances) {
  let settled = false
  return (outcome: Parameters<GatewayBalances['settle']>[1]): void => {
    if (settled || !payment.staged) return
    settled = true
    balances.settle(payment.staged, outcome)
  }
}

/** All jobs for one model of one orchestrator are paid from one account, as go-livepeer's orchestrators keep it. */
function paidSession({ pipeline, modelId, info }: AiPurchase): PaidSession {
  const account = `${pipeline.capability}_${modelId}`
  return { info, sessionId: sessionId(account), manifestId: manifestId(account) }
}

async function signedHeader(
  { info, capabilities, context }: AiPurchase,
  paid: PaidSession,
  { payer }: AiPurchaseDeps,
): Promise<string> {
  const unsigned: Omit<SegData, 'signature'> = {
    manifestId: paid.manifestId,
    seq: 0,
    profiles: [],
    durationMs: 0,
    capabilities,
    ...(info.authToken && { authToken: info.authToken }),
    calcPerceptualHash: false,
    forceSessionReinit: false,
    hash: toHex(NOTHING),
    storage: [],
    wantsCommitment: false,
  }
  return payer
    ? payer.segmentHeader(paid, unsigned, { signal: context.signal })
    : encodeSegmentHeader({ ...unsigned, signature: new Uint8Array(0) })
}

async function resultOf(purchase: AiPurchase, answer: SecureResponse, deps: AiPurchaseDeps): Promise<AiResult> {
  const { pipeline } = purchase
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(answer.body).toString('utf8'))
  } catch (cause) {
    throw new MillraceError('ai_runner_failed', 'the orchestrator answered something that is no JSON', { cause })
  }
  const response = checkResponse(pipeline, json)
  const urls = [...new Set(urlsOf(response))]
  if (urls.length > MAX_FILES) throw new MillraceError('ai_runner_failed', `a result has at most ${MAX_FILES} files`)
  const files = new Map<string, AiFile>()
  for (const [i, url] of urls.entries()) files.set(url, await fileAt(url, `${i}`, purchase, deps))
  return {
    response: mapUrls(response, (url) => files.get(url)?.name ?? url),
    files: [...files.values()],
  }
}

/** A file of a result: within the answer, or at the orchestrator itself. Its word sends nobody anywhere else. */
async function fileAt(
  url: string,
  stem: string,
  { info, context }: AiPurchase,
  { http }: AiPurchaseDeps,
): Promise<AiFile> {
  const within = fromDataUrl(url, stem)
  if (within) return { ...within, name: `${stem}${extensionOf(within.type)}` }
  if (!URL.canParse(url) || new URL(url).origin !== new URL(info.serviceUri).origin)
    throw new MillraceError('rendition_url_refused', 'a file must come from the orchestrator that made it')
  const answer = await http.fetch(url, {
    headTimeoutMs: DOWNLOAD_TIMEOUT_MS,
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
    maxBytes: MAX_ANSWER_BYTES,
    signal: context.signal,
  })
  if (answer.status !== 200)
    throw new MillraceError('rendition_missing', `a file of the result answered ${answer.status}`, { retryable: true })
  const type = answer.headers['content-type']?.split(';')[0]?.trim() ?? 'application/octet-stream'
  return { name: `${stem}${extensionOf(type)}`, type, bytes: answer.body }
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': '.png',
  'image/jpeg': '.jpg',
  'image/webp': '.webp',
  'video/mp4': '.mp4',
  'audio/wav': '.wav',
  'audio/mpeg': '.mp3',
}
const extensionOf = (type: string): string => EXTENSIONS[type] ?? ''

/** A refusal of a job, with its status and text. */
export function refusalOf(answer: Pick<SecureResponse, 'status' | 'body'>): MillraceError {
  const peerText = Buffer.from(answer.body.subarray(0, 2_000)).toString('utf8').trim()
  const { status } = answer
  return new MillraceError('ai_job_refused', `the orchestrator answered ${status}: ${peerText}`, {
    retryable: true,
    meta: { status, peerText },
  })
}
