import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core'
import { OidcSecurityService } from '@latchkey/angular'

const instants = ['exp', 'iat', 'auth_time', 'nbf', 'updated_at']

@Component({
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <section class="stack">
      <h1>Profile</h1>
      <p class="lead">The claims of your ID token, after every check of OpenID Connect Core §3.1.3.7.</p>
    </section>
    @if (rows().length > 0) {
      <div class="table cards">
        <table data-testid="user-data">
          <caption class="visually-hidden">Claims of the ID token</caption>
          <thead><tr><th scope="col">Claim</th><th scope="col">Value</th></tr></thead>
          <tbody>
            @for (row of rows(); track row.claim) {
              <tr><th scope="row"><code>{{ row.claim }}</code></th><td class="value">{{ row.value }}</td></tr>
            }
          </tbody>
        </table>
      </div>
    } @else {
      <div class="card empty"><p>Nobody is signed in, so there are no claims to show. Log in above to see yours.</p></div>
    }
  `,
})
export class Profile {
  readonly #oidc = inject(OidcSecurityService)

  protected readonly rows = computed(() =>
    Object.entries(this.#oidc.userData().userData ?? {}).map(([claim, value]) => ({
      claim,
      value: shown(claim, value),
    })),
  )
}

function shown(claim: string, value: unknown): string {
  if (typeof value === 'number' && instants.includes(claim)) return new Date(value * 1000).toLocaleString()
  return typeof value === 'string' ? value : JSON.stringify(value)
}
