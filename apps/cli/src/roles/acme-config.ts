import { type AcmeConfig, LETS_ENCRYPT, LETS_ENCRYPT_STAGING, type ListenAddress } from '@millrace/node'
import { badFlag, type Flags } from '../flags/flags.ts'
import { missing } from '../flags/read-flags.ts'
import { listenAt } from './addresses.ts'
import { secretText } from './secret-text.ts'

const FLAGS = {
  domains: 'acmeDomain',
  directory: 'acmeDirectory',
  email: 'acmeEmail',
  externalAccount: 'acmeEab',
} as const

/** The certificate by ACME that the flags ask for; nothing without a name. */
export function acmeOf(flags: Flags): { readonly acme?: AcmeConfig } {
  const domains = flags.list('acmeDomain')
  if (domains.length === 0) {
    for (const name of ['acmeDirectory', 'acmeEmail', 'acmeEab', 'acmeHttpAddr'] as const)
      if (flags.isSet(name)) throw missing('acmeDomain', `-${name} says how to get a certificate, and no name is given`)
    return {}
  }
  if (flags.isSet('httpCert') || flags.isSet('httpKey'))
    throw badFlag('acmeDomain', 'nothing where -httpCert names a certificate already', domains.join(','))
  const http = listenAt('acmeHttpAddr', flags.text('acmeHttpAddr'), { host: '0.0.0.0', port: 80 })
  const email = flags.optional('acmeEmail')
  const externalAccount = flags.optional('acmeEab')
  return { acme: acmeConfig({ domains, directory: flags.text('acmeDirectory'), email, externalAccount }, http) }
}

/** Checks what was written; `name` says how a flag is written where it came from. Throws `bad_flag`, without secrets. */
export function acmeConfig(
  given: {
    readonly domains: readonly string[]
    readonly directory: string | undefined
    readonly email: string | undefined
    readonly externalAccount: string | undefined
  },
  http: ListenAddress,
): AcmeConfig {
  const domains = given.domains.map((name) => name.trim().toLowerCase())
  for (const domain of domains)
    if (!/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(domain))
      throw badFlag(FLAGS.domains, 'names such as live.example.org, without scheme, port or *', domain)
  const { email } = given
  if (email !== undefined && !/^[^\s@,?]{1,64}@[^\s@,?]{1,253}$/.test(email))
    throw badFlag(FLAGS.email, 'one e-mail address', email)
  return {
    domains: [...new Set(domains)],
    directory: directoryOf(given.directory),
    ...(email !== undefined && { email }),
    ...(given.externalAccount !== undefined && { externalAccount: accountOf(given.externalAccount) }),
    http,
  }
}

function directoryOf(text: string | undefined): string {
  if (text === undefined || text === '' || text === 'letsencrypt') return LETS_ENCRYPT
  if (text === 'letsencrypt-staging') return LETS_ENCRYPT_STAGING
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url.href
  throw badFlag(FLAGS.directory, 'letsencrypt, letsencrypt-staging or an address that begins with https://', text)
}

function accountOf(text: string): NonNullable<AcmeConfig['externalAccount']> {
  const [, keyId, key] = /^([^\s:]{1,256}):([\w-]{1,512}=*)$/.exec(secretText(text, FLAGS.externalAccount)) ?? []
  if (keyId === undefined || key === undefined)
    throw badFlag(FLAGS.externalAccount, 'keyId:key, the key in base64url as the authority hands it out', '(not shown)')
  return { keyId, key }
}
