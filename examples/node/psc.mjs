// The control API of `ecps-wallet control`, as tests ask it: people, phones, logins, faults.
const CONTROL = process.env.PSC_CONTROL ?? 'http://localhost:8006/control/v1'
const SECRET = process.env.ECPS_CONTROL_SECRET

export async function psc(method, path, body) {
  const response = await fetch(CONTROL + path, {
    method,
    headers: { 'Ecps-Control-Secret': SECRET, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text ? JSON.parse(text) : undefined
}
