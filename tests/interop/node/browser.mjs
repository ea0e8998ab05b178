// The part of a sign-in that happens in a browser, which the test drives: the address to open goes
// to standard output, the address that the browser came back to is read from standard input.
import * as readline from 'node:readline/promises'
import * as client from 'openid-client'

export async function callbackFrom(address) {
  console.log(address.href)
  const input = readline.createInterface({ input: process.stdin })
  const callback = new URL((await input[Symbol.asyncIterator]().next()).value)
  input.close()
  return callback
}

// The code flow with PKCE, state and nonce, as openid-client's documentation has it.
export async function signIn(config, redirectUri, buildAddress, options) {
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const nonce = client.randomNonce()
  const address = await buildAddress(config, {
    redirect_uri: redirectUri,
    scope: 'openid scope_all',
    acr_values: 'eidas1',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  }, options)
  const callback = await callbackFrom(address)
  const tokens = await client.authorizationCodeGrant(config, callback, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  }, undefined, options)
  return { address, callback, tokens }
}
