import type { LifeBar } from '@latchkey-apps/demo-spa/token-history'
import type { ReactNode } from 'react'

/** From issued to expiry: now as a mark, renewals as ticks, a revocation as a cut. */
export function TokenLifeBar({ bar, label }: { readonly bar: LifeBar; readonly label: string }): ReactNode {
  const ended = bar.cut === null ? '' : ' ended'
  return (
    <>
      <svg className="life" role="img" aria-label={label} width="100%" height="44">
        <rect className="track" x="0" y="14" width="100%" height="16" rx="8" />
        {bar.valid.map(({ from, width, used }) => (
          <g key={from}>
            <rect className={`valid${ended}`} x={`${from}%`} y="14" width={`${width}%`} height="16" rx="3" />
            <rect className={`used${ended}`} x={`${from}%`} y="14" width={`${used}%`} height="16" rx="3" />
          </g>
        ))}
        {bar.renewals.map((at) => (
          <line key={at} className="tick" x1={`${at}%`} x2={`${at}%`} y1="8" y2="36" />
        ))}
        {bar.cut === null ? (
          <svg x={`${bar.now}%`} y="4" overflow="visible" aria-hidden="true">
            <path className="now" d="M0 6V30M-5 0H5L0 7Z" />
          </svg>
        ) : (
          <svg x={`${bar.cut}%`} y="4" overflow="visible" aria-hidden="true">
            <path className="gap" d="M4 0-4 36" />
            <path className="cut" d="M1 0-7 36M7 0-1 36" />
          </svg>
        )}
      </svg>
      <div className="row between small muted" aria-hidden="true">
        <span>issued</span>
        <span>expiry</span>
      </div>
    </>
  )
}
