/**
 * Path and query for a request line, from what stands behind the host of a URL. They go as they were written, unlike in
 * `URL`: a server may tell `/a/../b` from `/b`. Escaped is only what Go escapes, too, and what no request line can hold.
 */
export function requestPath(written: string): string {
  const [path = ''] = written.split('?', 1)
  const query = written.slice(path.length)
  const text = path.replace(/["<>\\^`{|}]/g, encodeURIComponent) + query
  const line = text.replace(/[^\x21-\x7e]+/g, part => encodeURIComponent(part.toWellFormed()))
  return line.startsWith('/') ? line : `/${line}`
}
