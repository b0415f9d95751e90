import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { identity, pemFile } from '../../support/identities.ts'
import { answers, findProgram, freePort, start } from '../../support/programs.ts'
import { serve, serveText } from '../../support/servers.ts'
import { certificates, makeCertificate } from './certificates.ts'
import type { Scope } from './scope.ts'
import type { Targets } from './targets.ts'

/** What each listener's `server` block says besides its port, its kind and the certificate. */
const listeners = {
  plain: [],
  tls12: ['ssl_protocols TLSv1.2', 'ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256'],
  tls13: ['ssl_protocols TLSv1.3', 'ssl_conf_command Ciphersuites TLS_CHACHA20_POLY1305_SHA256'],
  h2: ['ssl_protocols TLSv1.2 TLSv1.3'],
  h2old: ['ssl_protocols TLSv1.2', 'ssl_ciphers ECDHE-ECDSA-AES256-GCM-SHA384'],
  mutual: [`ssl_client_certificate ${pemFile('ca.crt')}`, 'ssl_verify_client on'],
  named: ['server_name www.sonde.test'],
} as const satisfies Readonly<Record<string, readonly string[]>>

const kinds: Readonly<Record<string, string>> = { plain: '', h2: 'ssl http2', h2old: 'ssl http2' }

type Ports = Readonly<Record<string, number>>

const locations = (folder: string, ports: Ports) => `
  location = /health { return 200 "ok"; }
  location = /ill { return 503 "ill"; }
  location = /tls { return 200 "$server_protocol $ssl_protocol $ssl_cipher $ssl_server_name $ssl_client_s_dn"; }
  location = /host { return 200 "$host $http_host"; }
  location = /secure { return 301 https://localhost:${ports.h2}/health; }
  location = /insecure { return 301 http://localhost:${ports.plain}/health; }
  location = /older { return 307 https://localhost:${ports.tls12}/health; }
  location = /closed { return 444; }
  location = /private { auth_basic "x"; auth_basic_user_file ${folder}/htpasswd; try_files /large.txt =404; }
  location = /dead { proxy_pass http://127.0.0.1:1; }
  location = /silent { proxy_pass http://127.0.0.1:${ports.silent}; proxy_read_timeout 300ms; }
  location = /patient { proxy_pass http://127.0.0.1:${ports.silent}; }
  location = /breaking { proxy_pass http://127.0.0.1:${ports.breaking}; }
  location = /slow { limit_rate 1k; try_files /large.txt =404; }
  location = /packed { gzip on; try_files /large.txt =404; }
`

const server = (folder: string, name: string, ports: Ports, lines: readonly string[]) => {
  const all = [...lines, `include ${folder}/locations.conf`].map(line => `${line};`)
  return `  server { listen 127.0.0.1:${ports[name]} ${kinds[name] ?? 'ssl'}; ${all.join(' ')} }`
}

function config(folder: string, ports: Ports): string {
  const own = Object.keys(certificates).map(name => {
    const { cert, key } = makeCertificate(folder, name as keyof typeof certificates)
    return server(folder, name, ports, [`ssl_certificate ${cert}`, `ssl_certificate_key ${key}`])
  })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `daemon off; pid ${folder}/nginx.pid; worker_processes 1;
events {}
http {
  access_log off; root ${folder}/www; default_type text/plain; gzip_types text/plain;
  ${temporary.map(name => `${name}_temp_path ${folder}/${name};`).join(' ')}
  ssl_certificate ${folder}/chain.pem; ssl_certificate_key ${pemFile('server.key')};
${Object.entries(listeners)
  .map(([name, lines]) => server(folder, name, ports, lines))
  .join('\n')}
  server { listen 127.0.0.1:${ports.named} ssl default_server; ssl_reject_handshake on; }
${own.join('\n')}
}
`
}

/** Starts nginx with all of these listeners, and what stands behind it. */
export async function startNginx(scope: Scope, folder: string): Promise<Targets> {
  const silent = scope.add(await serve(() => {}))
  const breaking = scope.add(await serveText('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe first part'))
  const ports: Record<string, number> = { silent: silent.port, breaking: breaking.port }
  for (const name of [...Object.keys(listeners), ...Object.keys(certificates)]) ports[name] = await freePort()
  await chmod(folder, 0o755) // nginx gives up root before it reads files
  await mkdir(join(folder, 'www'))
  await writeFile(join(folder, 'www', 'large.txt'), 'All work and no play makes Jack a dull boy.\n'.repeat(200_000))
  await writeFile(join(folder, 'htpasswd'), 'me:{PLAIN}secret\n')
  await writeFile(join(folder, 'chain.pem'), identity('server', 'intermediate.crt').cert)
  await writeFile(join(folder, 'locations.conf'), locations(folder, ports))
  await writeFile(join(folder, 'nginx.conf'), config(folder, ports))
  const nginx = await start(
    findProgram('nginx') ?? '',
    ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', join(folder, 'error.log')],
    () => answers(`http://127.0.0.1:${ports.plain}/health`),
  )
  scope.add(nginx)
  return { ports, takeSent: () => [] }
}
