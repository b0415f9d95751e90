import { ask, type Case } from './case.ts'

const refused = (target: string): Case =>
  ask(target, target, {}, { refused: 400, differs: ['a malformed target is refused'] })

const asBrowsersDo = (name: string, target: string): Case =>
  ask(name, target, {}, { differs: ['targets are read as browsers do'] })

/** How a target may be written, and how not. */
export const targets: readonly Case[] = [
  ask('no target', '', {}, { refused: 400 }),
  ask('no scheme', '(web)'),
  ask('a scheme in capitals', 'HTTP://(web)/text/x', {}, { differs: ['newer than 0.23.0: the scheme in capitals'] }),
  ask('a query', 'http://(web)/text/x?a=1&b=%20c&b'),
  ask('a query without a path', 'http://(web)?a=1'),
  ask('an empty query', 'http://(web)/text/x?'),
  ask('escapes in the path', 'http://(web)/text/%41%2Fb%20c;d=1,e'),
  ask('dots in the path', 'http://(web)/text/a/../b/./c'),
  ask('two slashes in the path', 'http://(web)//text//x'),
  ask('a space in the path', 'http://(web)/text/a b'),
  ask('other letters in the path', 'http://(web)/text/ä€'),
  ask('marks in the path', 'http://(web)/text/"<>|^`{}'),
  ask('port 0', 'http://127.0.0.1:0/', {}, 'connect'),
  ask('a name of other letters', 'http://nön.invalid/', {}, 'resolve'),
  ask('a name with an underscore', 'http://a_b.invalid/', {}, 'resolve'),
  asBrowsersDo('an address in a short form', 'http://127.1:(web.port)/text/x'),
  asBrowsersDo('an address as a number', 'http://2130706433:(web.port)/text/x'),
  asBrowsersDo('a space in the query', 'http://(web)/text/x?a=b c'),
  asBrowsersDo('a % that starts no escape', 'http://(web)/%zz'),
  refused('http://'),
  refused('http://[::1'),
  refused('http://127.0.0.1:99999/'),
  refused('http://127.0.0.1:80:80/'),
  refused(':80'),
  refused('/path'),
  refused('ftp://127.0.0.1/'),
  refused('http://a b/'),
  refused('http://(web)/text/x#part'),
  refused('http://me:secret@(web)/basic/'),
]
