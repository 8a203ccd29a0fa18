/** A film made of pictures, or the pictures of a film. */
export type FilmJob =
  | { readonly kind: 'join'; readonly pictures: readonly Uint8Array[]; readonly fps: number }
  | { readonly kind: 'split'; readonly video: Uint8Array; readonly maxPictures: number }

export type FromFilm =
  | { readonly type: 'done'; readonly files: readonly Uint8Array[] }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
