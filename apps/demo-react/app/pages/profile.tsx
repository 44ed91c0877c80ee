import { useAuth } from '@latchkey/react'
import type { ReactNode } from 'react'

const instants = ['exp', 'iat', 'auth_time', 'nbf', 'updated_at']

export function Profile(): ReactNode {
  const { claims } = useAuth()
  return (
    <>
      <section className="stack">
        <h1>Profile</h1>
        <p className="lead">The claims of your ID token, after every check of OpenID Connect Core §3.1.3.7.</p>
      </section>
      <div className="table cards">
        <table data-testid="user-data">
          <caption className="visually-hidden">Claims of the ID token</caption>
          <thead>
            <tr>
              <th scope="col">Claim</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(claims ?? {}).map(([claim, value]) => (
              <tr key={claim}>
                <th scope="row">
                  <code>{claim}</code>
                </th>
                <td className="value">{shown(claim, value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

function shown(claim: string, value: unknown): string {
  if (typeof value === 'number' && instants.includes(claim)) return new Date(value * 1000).toLocaleString()
  return typeof value === 'string' ? value : JSON.stringify(value)
}
