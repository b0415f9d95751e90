/** A document of so many items, of about 100 octets each. */
export function bigJson(count: number): Uint8Array {
  const items = Array.from({ length: count }, (_, id) => ({
    id,
    name: `server-${id}.example.org`,
    state: id % 100 === 0 ? 'failed' : 'active',
    load: (id % 977) / 100,
    tags: ['a', 'b'],
  }))
  return new TextEncoder().encode(JSON.stringify({ status: 'ok', total: count, items }))
}

/** The same as XML, of about 400 octets each. */
export function bigXml(count: number): Uint8Array {
  const items = Array.from(
    { length: count },
    (_, id) =>
      `<server id="${id}"><name>server-${id}.example.org</name><state>${id % 100 === 0 ? 'failed' : 'active'}</state>` +
      `<load>${(id % 977) / 100}</load><note>${'lorem ipsum '.repeat(22)}</note></server>`,
  )
  return new TextEncoder().encode(`<?xml version="1.0"?><servers total="${count}">${items.join('\n')}</servers>`)
}

export const jsonSection = `
checks: [{name: status, path: $.status, equals: ok}]
metrics:
  - {name: servers, value: $.total}
  - {name: servers_failed, value: {path: '$.items[?@.state == "failed"]', agg: count}}
  - {name: server_load, items: '$.items[*]', value: .load, labels: {name: '{.name}', state: '{.state}'}}
`

export const xmlSection = `
format: xml
metrics:
  - {name: servers, value: /servers/@total}
  - {name: servers_failed, value: 'count(/servers/server[state = "failed"])'}
  - {name: server_load, items: /servers/server, value: load, labels: {name: '{name}', state: '{state}'}}
`
