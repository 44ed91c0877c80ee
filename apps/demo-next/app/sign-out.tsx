'use client'

import { useEffect, useState } from 'react'

/** The link that is made for this very session; the user endpoint tells it to our own page alone. */
export function SignOut() {
  const [href, setHref] = useState<string | null>(null)
  useEffect(() => {
    fetch('/bff/user?format=object&slide=false', { headers: { 'X-CSRF': '1' } })
      .then((answer) => (answer.ok ? answer.json() : {}))
      .then((user: Readonly<Record<string, string>>) => setHref(user['bff:logout_url'] ?? null))
      .catch(() => setHref(null))
  }, [])
  return href === null ? null : (
    <a className="button small" data-testid="logout" href={href}>
      Log out
    </a>
  )
}
