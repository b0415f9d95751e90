import type { Snapshot } from '../engine/module.ts'
import { version } from '../kit/version.ts'
import { html } from './html.ts'

/** What the page may do; it has no script and no style. */
export const pagePolicy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** The page at `/`: links, and a form to probe by hand. */
export function landingPage(snapshot: Snapshot | undefined): string {
  const modules = [...(snapshot?.modules.values() ?? [])].filter(module => !('refused' in module))
  const names = modules.map(({ name }) => name).sort()
  const { html: page } = html`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>sonde</title></head>
<body>
<h1>sonde</h1>
<p>Multi-target probe exporter for Prometheus, version ${version}</p>
<form action="probe" method="get">
<p><label>Target <input name="target" required size="50" autofocus></label></p>
<p><label>Module <select name="module">${names.map(name => html`<option>${name}</option>`)}</select></label></p>
<p><label><input type="checkbox" name="debug" value="true" checked> with log and configuration</label></p>
<p><button>Probe</button></p>
</form>
<ul>
<li><a href="metrics">Metrics</a> of sonde itself</li>
<li><a href="config">Configuration</a>, secrets hidden</li>
<li><a href="-/healthy">Health</a> and <a href="-/ready">readiness</a></li>
</ul>
</body>
</html>
`
  return page
}
