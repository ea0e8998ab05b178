// node-oidc-provider, memory adapter, plain form login: the neighbour measured in the same run.
import * as crypto from 'node:crypto'
import Provider from 'oidc-provider'

const [port, redirectUri] = process.argv.slice(2)
const { privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'bench' }
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: 'bench',
    client_secret: 'bench-secret',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid offline_access',
  }],
  jwks: { keys: [key] },
  features: { introspection: { enabled: true }, devInteractions: { enabled: true } },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  issueRefreshToken: async () => true,
  rotateRefreshToken: true,
  ttl: { AccessToken: 3600, AuthorizationCode: 60, IdToken: 3600, RefreshToken: 3600,
    Interaction: 3600, Session: 3600, Grant: 3600 },
})
provider.listen(Number(port), 'localhost', () => console.log('ready'))
