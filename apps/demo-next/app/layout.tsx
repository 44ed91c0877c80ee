import type { Metadata } from 'next'
import { headers } from 'next/headers'
import Image from 'next/image'
import type { ReactNode } from 'react'
import { core } from '../src/core.ts'
import './app.css'
import { SignOut } from './sign-out.tsx'

export const dynamic = 'force-dynamic'
export const metadata: Metadata = {
  title: 'Latchkey · Next demo',
  description: 'Pages made on a server that holds the tokens; the browser has a cookie.',
  icons: '/latchkey.svg',
}
export const viewport = { colorScheme: 'light dark' }

export default async function Layout({ children }: { readonly children: ReactNode }) {
  const person = await core().getUser({ headers: await headers() })
  return (
    <html lang="en">
      <head>
        <link rel="stylesheet" href="/latchkey.css" />
      </head>
      <body>
        <div className="frame wide">
          <header className="masthead">
            <a className="brand" href="/">
              <Image src="/latchkey.svg" alt="" width={28} height={28} unoptimized />
              <span>Latchkey Next demo</span>
            </a>
            {person === null ? (
              <a className="button primary small" data-testid="login" href="/bff/login">
                Log in
              </a>
            ) : (
              <span className="person">
                <strong data-testid="user-name">{String(person.name ?? person.sub)}</strong>
                <SignOut />
              </span>
            )}
          </header>
          <main className="stack loose">{children}</main>
        </div>
      </body>
    </html>
  )
}
