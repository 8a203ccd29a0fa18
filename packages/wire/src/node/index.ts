export { type AuthTokenFault, AuthTokens, authTokenMac } from './auth-tokens.ts'
export {
  createKeySigner,
  hmacSha256,
  recoverPersonal,
  signatureVerifier,
  verifyPersonal,
  verifyTypedDigest,
} from './signing.ts'
export {
  VIEWER_TOKEN_LENGTH,
  type ViewerGrant,
  type ViewerScope,
  ViewerTokenSigner,
  ViewerTokenVerifier,
} from './viewer-tokens.ts'
