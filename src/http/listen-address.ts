/** What `server.listen` takes. */
export type ListenAddress =
  | { readonly host: string | undefined; readonly port: number }
  /** A unix socket. */
  | { readonly path: string }
  /** A socket that whoever started this process has opened. */
  | { readonly fd: number }

export const defaultListenAddress: ListenAddress = { host: undefined, port: 9115 }

/** Linux takes no longer path for a socket. */
const maxPathBytes = 107

/** Reads `:9115`, `host:9115`, `[::1]:9115` or `unix:///path`. Returns undefined when the text is none of them. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, path] = /^unix:(?:\/\/)?(\/(?!\/).*[^/])$/.exec(text) ?? []
  if (path !== undefined) return Buffer.byteLength(path) > maxPathBytes ? undefined : { path }
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text)
  if (match === null || Number(match[3]) > 65_535) return undefined
  return { host: match[1] ?? (match[2] || undefined), port: Number(match[3]) }
}

/** Where systemd puts the first socket that it hands over (sd_listen_fds(3)). */
const firstSocket = 3

/** The sockets that systemd has opened for this process (`LISTEN_PID`, `LISTEN_FDS`). Throws when there are none. */
export function systemdSockets(env: Readonly<Record<string, string | undefined>>, pid: number): ListenAddress[] {
  const count = Number(env.LISTEN_FDS)
  if (env.LISTEN_PID !== String(pid) || !Number.isSafeInteger(count) || count < 1) {
    throw new Error('systemd has handed no socket over (LISTEN_PID, LISTEN_FDS): is there a .socket unit?')
  }
  return Array.from({ length: count }, (_, index) => ({ fd: firstSocket + index }))
}
