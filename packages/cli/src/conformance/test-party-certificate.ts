import { getCACertificates, setDefaultCACertificates } from 'node:tls'

/** A pair of tests alone for localhost and 127.0.0.1, good from 2000 to 2100. */
export const partyCertificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFtoR+3x36nXFZEV6
GP4Y2ssFXZZcI6akSmrEtZrZFCihRANCAASVLmnpVNw2lit+ritT3+/iiTq31AvV
aIMlD3BhVItJ5Q3tKp/npXaJ47zZ/h+1T8/OXv81eFpXcMmJdws9PCZT
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBWzCCAQGgAwIBAgIUYthdfmccgoiO00XuI/8KlNG4Y7MwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTAwMDEwMTAwMDAwMFoYDzIxMDAwMTAx
MDAwMDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASVLmnpVNw2lit+ritT3+/iiTq31AvVaIMlD3BhVItJ5Q3tKp/npXaJ
47zZ/h+1T8/OXv81eFpXcMmJdws9PCZToy8wLTAPBgNVHRMBAf8EBTADAQH/MBoG
A1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAKBggqhkjOPQQDAgNIADBFAiBwGUap
XHZPtuAs4PJGlkG1onWK0L9w8JMWpblASvpaJAIhANhhrAl4WHftJeUiSwwfLkOr
CSjM0bmScJ+D1GPtUsNf
-----END CERTIFICATE-----
`,
}

/** Lets this process trust the pair, as NODE_EXTRA_CA_CERTS lets a server trust a suite that runs beside it. */
export function trustPartyCertificate(): void {
  setDefaultCACertificates([...getCACertificates('default'), partyCertificate.cert])
}
