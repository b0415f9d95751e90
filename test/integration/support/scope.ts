/** Keeps what was started, so that all of it ends, also when a later start fails. */
export interface Scope extends AsyncDisposable {
  add<T extends AsyncDisposable>(member: T): T
}

export function createScope(): Scope {
  const members: AsyncDisposable[] = []
  return {
    add(member) {
      members.unshift(member)
      return member
    },
    async [Symbol.asyncDispose]() {
      for (const member of members.splice(0)) await member[Symbol.asyncDispose]()
    },
  }
}
