import { ChangeDetectionStrategy, Component } from '@angular/core'

/** The mark as `@latchkey/provider` draws it on its pages; Angular takes SVG in a template only as it stands. */
@Component({
  selector: 'lk-mark',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<svg class="mark" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2"
      stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      <path d="M9.5 3.5h8a3 3 0 0 1 3 3v11a3 3 0 0 1-3 3h-8" /><circle cx="6" cy="12" r="3.5" />
      <path d="M9.5 12H16v3.25M12.75 12v2.25" />
    </svg>`,
})
export class Mark {}
