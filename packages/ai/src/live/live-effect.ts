import type { z } from 'zod'
import type { ModelCard } from '../models/embedded-model.ts'
import type { LoadProgress } from '../runners/runner.ts'

/** A picture as rows of red, green and blue bytes without gaps. */
export type RgbPicture = { readonly width: number; readonly height: number; readonly data: Uint8Array }

/** What an effect is and which parameters it takes, known without loading it. */
export type LiveCard = ModelCard & {
  readonly pipeline: 'live-video-to-video'
  /** The parameters beside `width` and `height`; all have defaults, and all can be changed while it runs. */
  readonly params: z.ZodObject
}

/** A picture that was worked on, and what was found in it where the effect looks for something. */
export type DonePicture = RgbPicture & { readonly facts?: Readonly<Record<string, unknown>> }

export type OpenEffect = {
  /** Makes a picture of the same size; it may change and return the one that it got. Called for one picture at a time. */
  picture(picture: RgbPicture): DonePicture | Promise<DonePicture>
  /** Takes effect with the next picture. `params` has passed the card's schema. */
  update(params: Readonly<Record<string, unknown>>): void | Promise<void>
  close(): Promise<void>
}

/** Pictures in, pictures out, in a child process of its own; `open` is called there. */
export type LiveEffect = {
  readonly card: LiveCard
  open(given: {
    readonly folders: ReadonlyMap<string, string>
    readonly cache: string
    readonly onProgress: (progress: LoadProgress) => void
  }): Promise<OpenEffect>
}
