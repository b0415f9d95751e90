/** Whether a text is a token, as names of headers, methods and schemes are (RFC 9110, 5.6.2). */
export const isToken = (text: string): boolean => /^[!#$%&'*+.^_`|~\w-]+$/.test(text)
