export const sources = ['prometheus', 'browser', 'cli'] as const

/** Who asked for a probe, as far as its User-Agent tells. */
export type Source = (typeof sources)[number]

/** Programs that scrape by themselves; every other one that is no browser was started by somebody. */
const scraper = /^(?:Prometheus|vmagent|vm_promscrape|VictoriaMetrics|GrafanaAgent|Alloy|Grafana Alloy|OpenTelemetry)/i

export function sourceOf(userAgent: string | undefined): Source {
  if (userAgent === undefined) return 'cli'
  if (scraper.test(userAgent)) return 'prometheus'
  return userAgent.startsWith('Mozilla/') ? 'browser' : 'cli'
}
