/** What `server.listen` takes. */
export interface ListenAddress {
  readonly host: string | undefined
  readonly port: number
}

/** Reads `:9115`, `host:9115` or `[::1]:9115`. Returns undefined when the text is none of them. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text)
  if (match === null || Number(match[3]) > 65_535) return undefined
  return { host: match[1] ?? (match[2] || undefined), port: Number(match[3]) }
}
