import { expect, test } from 'vitest'
import { serve } from '../../support/servers.ts'
import { probeHttp, redirecting } from './support.ts'

const debug = { query: { debug: 'true' } }

test('each hop with its address, its headers, and the beginning of the body', async () => {
  await using server = await serve((request, response, body) => {
    response.setHeader('X-Served-By', 'a test')
    if (request.url === '/next') response.end(`hello\n${'x'.repeat(2000)}`)
    else redirecting(request, response, body)
  })
  const { text } = await probeHttp(`http://localhost:${server.port}/to/302/${encodeURIComponent('/next')}`, {}, debug)
  expect(text).toMatch(/msg=requesting.* url="?http:\/\/localhost:\d+\/to\/302\/%2Fnext"?/)
  expect(text).toMatch(/msg=connected address="?127\.0\.0\.1"? /)
  expect(text).toMatch(
    /msg="got an answer" status=302 version=HTTP\/1.1 headers="x-served-by: a test; location: \/next; /i,
  )
  expect(text).toMatch(/msg="following the redirect" status=302 to="?http:\/\/localhost:\d+\/next"?/)
  expect(text).toMatch(/msg=requesting.*User-Agent: sonde\//)
  const shown = /msg="the body begins" text="?hello�(x+)"?\n/.exec(text)?.[1]
  expect(shown).toHaveLength(1024 - 'hello\n'.length)
})

test('what each check decided, and why', async () => {
  await using server = await serve((_request, response) => response.end('broken'))
  const { text } = await probeHttp(server.host, { fail_if_body_matches_regexp: ['^bro'], fail_if_not_ssl: true }, debug)
  expect(text).toContain('msg="checked the status" status=200 verdict=accepted')
  expect(text).toMatch(/msg="checked the body" bytes=6 .*verdict="the body matches \^bro"/)
  expect(text).toContain('reason=content')
})

test('no credential, not even from a server that echoes the request, or part of one where the text is cut', async () => {
  const password = 'correct-horse-battery'
  const key = 'open-sesame/<1>+2'
  const inUrl = encodeURIComponent(encodeURIComponent(key))
  const inPage = 'open-sesame/&lt;1&gt;+2'
  await using server = await serve(({ headers, url }, response) => {
    const echo = `${headers.authorization} ${headers['x-key']} ${password} /login?next=${inUrl} ${inPage}`
    response.setHeader('Set-Cookie', 'session=crumbs')
    response.setHeader('X-Echo', echo)
    response.end(url === '/cut' ? `${'x'.repeat(1010)}${password}` : echo)
  })
  const options = {
    basic_auth: { username: 'me', password },
    http_headers: { 'X-Key': { secrets: [key] } },
  }
  for (const path of ['/', '/cut']) {
    const { text, log } = await probeHttp(`${server.host}${path}?token=hush`, options, debug)
    const basic = Buffer.from(`me:${password}`).toString('base64')
    for (const secret of [password, 'correct-horse', basic, 'open-sesame', 'crumbs', 'hush']) {
      expect(text).not.toContain(secret)
      expect(log).not.toContain(secret)
    }
    expect(text).toContain('<secret>')
  }
})
