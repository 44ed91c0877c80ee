import { ChangeDetectionStrategy, Component } from '@angular/core'

/** The latch and key of the house; drawn once more in `@latchkey/provider`'s pages. */
@Component({
  selector: 'lk-mark',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<svg class="mark" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2"
      stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      <circle cx="7" cy="12" r="4.25" /><path d="M11.25 12H19" /><path d="M15.5 12v3.25" /><path d="M21 5v14" />
      <path d="M16.5 5H21M16.5 19H21" />
    </svg>`,
})
export class Mark {}
