// A developer's program written with the unmodified openid-client: it registers a service by the
// initial access token, prints the address to open in a browser, and completes the login with the
// credentials that it was given.
import * as client from 'openid-client'
import { signIn } from './browser.mjs'

const [issuer, initialAccessToken, redirectUri] = process.argv.slice(2)
const config = await client.dynamicClientRegistration(
  new URL(issuer),
  { client_name: 'Logiciel enregistré', application_type: 'native', redirect_uris: [redirectUri] },
  undefined,
  { initialAccessToken, execute: [client.allowInsecureRequests] },
)
const registered = config.clientMetadata()

const { tokens } = await signIn(config, redirectUri, client.buildAuthorizationUrl)
const claims = tokens.claims()
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
const endSession = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token }).href
console.log(JSON.stringify({
  registered, claims, userinfo, refreshedClaims: refreshed.claims(), endSession,
}))
