import { ChangeDetectionStrategy, Component, input } from '@angular/core'
import type { LifeBar } from '@latchkey-apps/demo-spa/token-history'

/** From issued to expiry: now as a mark, renewals as ticks, a revocation as a cut. */
@Component({
  selector: 'lk-token-life-bar',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <svg class="life" role="img" [attr.aria-label]="label()" width="100%" height="44">
      <rect class="track" x="0" y="14" width="100%" height="16" rx="8" />
      @for (span of bar().valid; track $index) {
        <rect class="valid" [class.ended]="bar().cut !== null" [attr.x]="span.from + '%'" y="14" [attr.width]="span.width + '%'" height="16" rx="3" />
        <rect class="used" [class.ended]="bar().cut !== null" [attr.x]="span.from + '%'" y="14" [attr.width]="span.used + '%'" height="16" rx="3" />
      }
      @for (at of bar().renewals; track $index) {
        <line class="tick" [attr.x1]="at + '%'" [attr.x2]="at + '%'" y1="8" y2="36" />
      }
      @if (bar().cut; as cut) {
        <svg [attr.x]="cut + '%'" y="4" overflow="visible"><path class="gap" d="M4 0-4 36" /><path class="cut" d="M1 0-7 36M7 0-1 36" /></svg>
      } @else {
        <svg [attr.x]="bar().now + '%'" y="4" overflow="visible"><path class="now" d="M0 6V30M-5 0H5L0 7Z" /></svg>
      }
    </svg>
    <div class="row between small muted" aria-hidden="true"><span>issued</span><span>expiry</span></div>
  `,
})
export class TokenLifeBar {
  readonly bar = input.required<LifeBar>()
  readonly label = input.required<string>()
}
