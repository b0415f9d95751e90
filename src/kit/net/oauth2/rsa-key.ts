import { createPrivateKey, type KeyObject } from 'node:crypto'

/** Reads an RSA private key (PEM, PKCS #1 or #8, without a passphrase). Throws an `Error` with what is wrong with it. */
export function rsaKeyOf(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (error) {
    throw new Error('expected a private key in PEM form, without a passphrase', { cause: error })
  }
  if (key.asymmetricKeyType === 'rsa') return key
  throw new Error(`expected an RSA key, but this is one for ${key.asymmetricKeyType ?? 'something else'}`)
}
