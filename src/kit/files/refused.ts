/** Why a file below the roots is not read, although it may be there. */
export type FileReason = 'outside_roots' | 'symlink' | 'not_regular_file' | 'read_error'

/** A file that is not to be read. The message never holds a path that a link leads to. */
export class FileRefused extends Error {
  readonly reason: FileReason

  constructor(reason: FileReason, message: string) {
    super(message)
    this.name = 'FileRefused'
    this.reason = reason
  }
}

/** Whether an error of the file system has one of these codes. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && codes.includes(String((error as NodeJS.ErrnoException).code))
