import { expect, it } from 'vitest'
import { manifestId, sessionId } from '../identifiers.ts'
import { VIEWER_TOKEN_LENGTH, ViewerTokenSigner, ViewerTokenVerifier } from './viewer-tokens.ts'

const scope = { sessionId: sessionId('0011aabb'), manifestId: manifestId('stream') }
const grant = { viewer: '00112233445566ff', expiration: 4_000_000_000, maxBytes: 2 ** 47 }

it('a token says what a viewer may have, to who knows the public key', () => {
  const signer = new ViewerTokenSigner()
  const token = signer.sign(scope, grant)
  expect(token).toHaveLength(VIEWER_TOKEN_LENGTH)
  expect(signer.publicKey).toHaveLength(32)
  expect(new ViewerTokenVerifier(scope, signer.publicKey).verify(token)).toEqual(grant)
})

it('a token is good for one session, one stream and one signer', () => {
  const signer = new ViewerTokenSigner()
  const token = signer.sign(scope, grant)
  const others = [
    new ViewerTokenVerifier({ ...scope, sessionId: sessionId('0011aabc') }, signer.publicKey),
    new ViewerTokenVerifier({ ...scope, manifestId: manifestId('stream2') }, signer.publicKey),
    new ViewerTokenVerifier(scope, new ViewerTokenSigner().publicKey),
  ]
  for (const other of others) expect(other.verify(token)).toBeUndefined()
})

it('no character of a token can be another one', () => {
  const signer = new ViewerTokenSigner()
  const token = signer.sign(scope, grant)
  const verifier = new ViewerTokenVerifier(scope, signer.publicKey)
  for (let i = 0; i < token.length; i++)
    for (const letter of ['A', 'B', '-'])
      if (token[i] !== letter) expect(verifier.verify(token.slice(0, i) + letter + token.slice(i + 1))).toBeUndefined()
  for (const wrong of ['', 'A'.repeat(VIEWER_TOKEN_LENGTH), `${token}A`, token.slice(1), `${token}=`])
    expect(verifier.verify(wrong)).toBeUndefined()
})
