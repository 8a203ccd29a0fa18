import { type ErrorMeta, MillraceError } from '@millrace/base'

/** An SDP offer that is not taken: too large, not an offer, or of media that is not spoken here. */
export class OfferError extends MillraceError {
  constructor(
    code: 'sdp_too_large' | 'bad_sdp' | 'codec_not_offered' | 'rendition_has_b_frames',
    message: string,
    meta: ErrorMeta = {},
  ) {
    super(code, message, { meta })
  }
}
