import { type Html, html } from './html.ts'

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** The same probe for the shell and for Prometheus; `base` is the address of sonde, without a slash at its end. */
export function copyAs(base: string, module: string, target: string): Html {
  const query = new URLSearchParams({ module, target })
  const commands = [
    ['With curl', `curl -sS ${quoted(`${base}/probe?${query}&debug=true`)}`],
    ['Without a server', `sonde probe --module ${quoted(module)} -- ${quoted(target)}`],
    [
      'In a scrape_config (see examples/prometheus.yml)',
      `- targets: [${JSON.stringify(target)}]\n  labels: {module: ${JSON.stringify(module)}}`,
    ],
  ] as const
  return html`${commands.map(([title, text]) => html`<p>${title}</p><pre>${text}</pre>`)}`
}
