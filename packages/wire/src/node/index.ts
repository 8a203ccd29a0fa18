export { type AuthTokenFault, AuthTokens, authTokenMac } from './auth-tokens.ts'
export {
  createKeySigner,
  hmacSha256,
  recoverPersonal,
  signatureVerifier,
  verifyPersonal,
  verifyTypedDigest,
} from './signing.ts'
