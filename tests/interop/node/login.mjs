// A relying service written with the unmodified openid-client: it prints the address to open in a
// browser, reads the callback's address from standard input, and reports what it verified as JSON.
import * as client from 'openid-client'
import { signIn } from './browser.mjs'

const [issuer, clientId, clientSecret, redirectUri, wellKnown] = process.argv.slice(2)
const server = wellKnown === 'wallet'
  ? new URL(`${issuer}/.well-known/wallet-openid-configuration`)
  : new URL(issuer)
const authentication = clientSecret === '-' ? client.None() : client.ClientSecretBasic(clientSecret)
const config = await client.discovery(server, clientId, undefined, authentication, {
  execute: [client.allowInsecureRequests],
})

const { tokens } = await signIn(config, redirectUri, client.buildAuthorizationUrl)
const claims = tokens.claims()
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
const report = { claims, userinfo, refreshedClaims: refreshed.claims() }
if (clientSecret !== '-') {
  report.introspection = await client.tokenIntrospection(config, refreshed.access_token)
}
await client.tokenRevocation(config, refreshed.refresh_token)
report.endSession = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token }).href
console.log(JSON.stringify(report))
