import type { SecureContextOptions } from 'node:tls'

/**
 * Go's cipher suites and signature algorithms in Go's order, then what else OpenSSL has: a server that follows its
 * client, or that has certificates of two kinds, answers sonde as it answers blackbox_exporter.
 */
const cipherSuites = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  'HIGH:!aNULL:!eNULL:!EXPORT:!DES:!RC4:!MD5:!PSK:!SRP:!CAMELLIA',
]

const signatureAlgorithms = [
  'rsa_pss_rsae_sha256',
  'ecdsa_secp256r1_sha256',
  'ed25519',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
  'rsa_pkcs1_sha512',
  'ecdsa_secp384r1_sha384',
  'ecdsa_secp521r1_sha512',
  'ed448',
  'rsa_pss_pss_sha256',
  'rsa_pss_pss_sha384',
  'rsa_pss_pss_sha512',
]

/**
 * What a handshake offers. `isOld` adds what TLS 1.0 and 1.1 need. OpenSSL's level 1 takes RSA keys from 1024 bits on
 * and no SHA-1 in certificates, like Go; the default differs between versions of Node.
 */
export const offer = (isOld: boolean): SecureContextOptions => ({
  ciphers: [...cipherSuites, `@SECLEVEL=${isOld ? 0 : 1}`].join(':'),
  sigalgs: [...signatureAlgorithms, ...(isOld ? ['RSA+SHA1', 'ECDSA+SHA1'] : [])].join(':'),
})
