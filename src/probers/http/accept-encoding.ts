interface Preference {
  readonly coding: string
  readonly quality: number
}

function preference(part: string): Preference {
  const semicolon = part.lastIndexOf(';')
  if (semicolon === -1) return { coding: part.trim(), quality: 1 }
  const text = part
    .slice(semicolon + 1)
    .trim()
    .replace(/^q=/, '')
  const quality = text === '' ? Number.NaN : Number(text)
  return {
    coding: part.slice(0, semicolon).trim(),
    quality: Number.isNaN(quality) ? 0 : Math.round(quality * 1000) / 1000,
  }
}

/**
 * Whether an Accept-Encoding asks for a coding, by blackbox_exporter's rule: the entries are ordered by quality, and
 * the first that names the coding or is `*` decides. Without a coding or a header everything fits.
 */
export function acceptsCoding(header: string, coding: string): boolean {
  if (header === '' || coding === '') return true
  const ordered = header
    .split(',')
    .map(preference)
    .sort((a, b) => b.quality - a.quality)
  const deciding = ordered.find(entry => entry.coding === coding || entry.coding === '*')
  return deciding !== undefined && deciding.quality > 0
}
