// What a team tests of its sign-in. First, in another terminal:
//
//   ECPS_CONTROL_SECRET=of-these-tests ecps-wallet control --with-provider
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { psc } from './psc.mjs'
import { createService } from './service.mjs'

let service, origin, clientId, doctor

before(async () => {
  // A free port first: the service must know its own address, and so must Pro Santé Connect.
  const { createServer } = await import('node:http')
  const probe = createServer().listen(0, 'localhost')
  await new Promise((listening) => probe.once('listening', listening))
  const { port } = probe.address()
  await new Promise((closed) => probe.close(closed))
  origin = `http://localhost:${port}`

  const { discovery_url: discoveryUrl } = await psc('GET', '/place')
  const client = await psc('POST', '/provider/clients', { redirect_uris: [`${origin}/callback`] })
  clientId = client.client_id
  service = await createService({
    discoveryUrl, clientId, clientSecret: client.client_secret, origin,
  })
  await new Promise((listening) => service.listen(port, 'localhost', listening))
  doctor = await psc('POST', '/provider/people', { profession: '10', family_name: 'DUPONT' })
  await psc('POST', '/phones', { national_id: doctor.national_id })
})

after(() => service?.close())

const signIn = (more) =>
  psc('POST', '/logins', { url: `${origin}/login`, national_id: doctor.national_id, ...more })

const phone = (...steps) => psc('PUT', `/phones/${doctor.national_id}/script`, { steps })

test('a doctor signs in', async () => {
  const login = await signIn()

  assert.equal(login.failure, '')
  assert.equal(login.url, `${origin}/me`)
  assert.deepEqual(JSON.parse(login.text), { national_id: doctor.national_id, name: 'DUPONT' })
})

test('a refusal on the phone signs nobody in', async () => {
  await phone({ do: 'refuse' })

  const login = await signIn({ gives_up: true })

  assert.equal(login.answer.error, 'access_denied')
  assert.equal(login.status, 403)
})

test('a wrong PIN is typed again', async () => {
  await phone({ do: 'wrong_pin' })

  assert.equal((await signIn()).status, 200)

  const { answers } = await psc('GET', `/phones/${doctor.national_id}/answers`)
  assert.equal(answers.at(-1).tries, 2)
})

test('a token for another login is refused', async () => {
  const fault = { fault: 'id_token_wrong_nonce', client_id: clientId, times: 1 }
  await psc('POST', '/provider/faults', fault)

  assert.equal((await signIn()).status, 403)
})
