import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { loadAv } from '@millrace/media/process'
import { AiError } from '../../ai-error.ts'
import { decodePicture } from '../../pictures/decode-picture.ts'
import { encodePng } from '../../pictures/encode-picture.ts'
import { imageSize } from '../../pictures/image-size.ts'
import { onWhite, resize } from '../../pictures/picture.ts'
import type { EmbeddedModel } from '../embedded-model.ts'
import { imageOf } from '../image-jobs.ts'
import { ENGLISH, ocrCard, TESSERACT } from './ocr-card.ts'

/** A page of A4 at 300 dots per inch has 8.7 million; more only takes longer. */
const MAX_PIXELS = 12_000_000
/** A picture lower than this may be one line; Tesseract wants letters of 20 pixels and more. */
const LOW = 64
/** Looks for columns and blocks by itself. */
const PAGE_SEGMENTATION_AUTO = 3
/** The neural network alone: the data has nothing for the older engine. */
const ENGINE_LSTM = 1

type Tesseract = {
  readonly FS: { writeFile(path: string, data: Uint8Array): void }
  readonly TessBaseAPI: new () => {
    Init(folder: string | null, language: string, engine: number): number
    SetPageSegMode(mode: number): void
    SetImageFile(exif: number, angle: number): number
    Recognize(monitor: null): number
    GetUTF8Text(): string
    Clear(): void
    End(): void
  }
}

/** Reads printed text. Recognition is one call into WebAssembly, so that only the end of the process stops it. */
export const models: readonly EmbeddedModel[] = [
  {
    card: ocrCard,
    async open({ folders }) {
      const av = await loadAv()
      const engine = folders.get(TESSERACT.name) ?? ''
      const start = createRequire(join(engine, 'package.json'))('./tesseract-core-simd-lstm.js') as (
        given: object,
      ) => Promise<Tesseract>
      const silent = () => {}
      const tesseract = await start({ TesseractProgress: silent, print: silent, printErr: silent })
      const packed = await readFile(join(folders.get(ENGLISH.name) ?? '', '4.0.0_best_int/eng.traineddata.gz'))
      tesseract.FS.writeFile('eng.traineddata', await promisify(gunzip)(packed))
      const api = new tesseract.TessBaseAPI()
      if (api.Init(null, 'eng', ENGINE_LSTM) !== 0)
        throw new AiError('ai_runner_failed', 'Tesseract does not take its data for English')
      api.SetPageSegMode(PAGE_SEGMENTATION_AUTO)
      return {
        async run(job) {
          const bytes = imageOf(job)
          imageSize(bytes, MAX_PIXELS)
          const picture = onWhite(decodePicture(av, bytes))
          const { width, height } = picture
          const page = height < LOW ? resize(av, picture, width * 2, height * 2, 'lanczos') : picture
          tesseract.FS.writeFile('/input', encodePng(av, page))
          if (api.SetImageFile(1, 0) === 1) throw new AiError('ai_bad_request', 'image: Tesseract cannot read it')
          api.Recognize(null)
          const text = api.GetUTF8Text().trim()
          api.Clear()
          return { response: { text }, files: [] }
        },
        async close() {
          api.End()
        },
      }
    },
  },
]
