import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const pages = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' }).split('\n').filter(Boolean)
/** Addresses at which a stranger can take a place over once it is given up: chats, shorteners, invitations. */
const INVITATIONS =
  /discord\.(gg|com\/invite)|t\.me\/|telegram\.me|chat\.whatsapp|join\.slack|bit\.ly|tinyurl|goo\.gl|\bt\.co\//i

/** The text without what is code. */
const prose = (page: string) =>
  readFileSync(page, 'utf8')
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]]/g, ' '))

/** Where the links of a page lead, in the page and elsewhere. */
const linksOf = (page: string): readonly string[] =>
  [...prose(page).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)

/** How a heading is named in an address: lower case, words joined by hyphens, signs left out. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')

const anchorsOf = (page: string) =>
  new Set([...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading)))

describe('the links of the documents', () => {
  it('are found at all', () => {
    expect(pages.length).toBeGreaterThan(20)
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(50)
  })

  it('lead to a file, and to a heading of it, that exist', () => {
    const broken: string[] = []
    for (const page of pages)
      for (const link of linksOf(page)) {
        if (/^[a-z]+:/i.test(link)) continue
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? page : join(dirname(page), decodeURIComponent(path))
        if (!existsSync(target)) broken.push(`${page}: ${link} is not there`)
        else if (anchor && target.endsWith('.md') && !anchorsOf(target).has(anchor))
          broken.push(`${page}: ${link}, there is no such heading`)
      }
    expect(broken).toEqual([])
  })

  it('are no invitations and no short addresses, which somebody else may own one day', () => {
    for (const page of pages) expect(INVITATIONS.exec(readFileSync(page, 'utf8'))?.[0], page).toBeUndefined()
  })

  it('are encrypted where they lead out', () => {
    for (const page of pages)
      for (const link of linksOf(page))
        if (/^http:/.test(link)) expect(link, page).toMatch(/^http:\/\/(127\.0\.0\.1|localhost|\[::1\])/)
  })
})
