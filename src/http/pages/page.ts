import type { ServerResponse } from 'node:http'
import { send } from '../answer.ts'
import { type Html, html } from './html.ts'

/** What a page may do: it has a style sheet, forms, and no script. */
const policy =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** Sends a page. `root` leads from its address to that of the landing page, such as `../`. */
export function sendHtml(response: ServerResponse, title: string, body: Html, root: string): void {
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><link rel="stylesheet" href="${root}ui/style.css">
</head>
<body>
${body}
</body>
</html>
`
  // What the web configuration sets counts.
  if (!response.hasHeader('Content-Security-Policy')) response.setHeader('Content-Security-Policy', policy)
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
  send(response, 200, 'text/html; charset=utf-8', page.html)
}
