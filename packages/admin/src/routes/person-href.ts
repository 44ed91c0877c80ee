type PersonPage = 'end' | 'delete' | 'withdraw' | 'sign-out'

/** The address of one of a person's pages; a subject may hold any character, so it stands in the query. */
export function personHref(home: string, page: PersonPage, sub: string): string {
  return `${home}/people/${page}?sub=${encodeURIComponent(sub)}`
}
