export const nul = 0x00
export const tab = 0x09
export const newline = 0x0a
export const space = 0x20
export const quote = 0x22
export const hash = 0x23
export const backslash = 0x5c
export const semicolon = 0x3b
export const openBrace = 0x7b
export const closeBrace = 0x7d

/** What stands between words. A power cut may leave NULs, and the server writes on behind them. */
export const whiteSpace: readonly number[] = [nul, tab, newline, 0x0b, 0x0c, 0x0d, space]
