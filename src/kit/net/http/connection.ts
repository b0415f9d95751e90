/** A socket, or what owns it. */
export interface Connection {
  destroy(): unknown
}
