import { expect, test } from 'vitest'
import { goName } from '../../../../src/kit/net/tls/go-name.ts'

/** What blackbox_exporter 0.23.0 printed for certificates with these subjects. */
test.each([
  ['C=XX\nO=sonde\nCN=localhost', 'CN=localhost,O=sonde,C=XX'],
  [
    'CN=cn\nserialNumber=SN1\npostalCode=1234\nstreet=Road 1\nST=State\nL=Loc\nOU=ou1\nO=org\nOU=ou2\nC=XX',
    'SERIALNUMBER=SN1,CN=cn,OU=ou1+OU=ou2,O=org,POSTALCODE=1234,STREET=Road 1,L=Loc,ST=State,C=XX',
  ],
  [
    'C=DE\nST=Bayern\nL=München\nO=ä \\"Quoted\\" \\<x\\>\\; #1 / y\nCN=\\# lead\\, trail\nCN=second',
    'CN=second,O=ä \\"Quoted\\" \\<x\\>\\; #1 / y,L=München,ST=Bayern,C=DE',
  ],
  ['C=DE + O=multi\nCN=y + OU=x', 'CN=y,OU=x,O=multi,C=DE'],
  [
    'CN=a\nemailAddress=a@b.c\nDC=test\nDC=example\nUID=u1\ntitle=Dr',
    'CN=a,2.5.4.12=#13024472,0.9.2342.19200300.100.1.1=#13027531,0.9.2342.19200300.100.1.25=#13076578616d706c65,' +
      '0.9.2342.19200300.100.1.25=#130474657374,1.2.840.113549.1.9.1=#0c056140622e63',
  ],
  ['O=a \\+ b\nCN=x=y', 'CN=x=y,O=a \\+ b'],
  ['', ''],
  [undefined, ''],
])('%j', (node, go) => {
  expect(goName(node)).toBe(go)
})

test('long values have a length of more octets', () => {
  expect(goName(`title=${'a'.repeat(200)}`)).toMatch(/^2\.5\.4\.12=#1381c8(61){200}$/)
  expect(goName(`title=${'ü'.repeat(200)}`)).toMatch(/^2\.5\.4\.12=#0c820190(c3bc){200}$/)
})
