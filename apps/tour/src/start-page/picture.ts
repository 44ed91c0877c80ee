import { html } from 'hono/html'

/** One picture of an access token's life: three places, seven steps between them. The list beside it says each in words. */
export function picture() {
  return html`<svg class="tour-picture" viewBox="0 0 400 484" role="img" aria-labelledby="tour-picture-title">
<title id="tour-picture-title">The provider issues tokens to the Angular or React app and the BFF, which attach them to calls to the API; the API verifies them with the provider’s public keys.</title>
<defs><marker id="tour-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>
${box({ x: 4, y: 4, width: 364, height: 76, name: 'Provider', says: 'signs people in, keeps the keys' })}
${box({ x: 4, y: 200, width: 174, height: 88, name: 'Angular, React', says: 'in memory' })}
${box({ x: 194, y: 200, width: 174, height: 88, name: 'BFF', says: 'in a server session' })}
${box({ x: 4, y: 404, width: 364, height: 76, name: 'API', says: 'answers whoever holds a good token' })}
<path class="way" d="M46 80V196" marker-end="url(#tour-arrow)"/>
<path class="way" d="M166 84V196" marker-start="url(#tour-arrow)" marker-end="url(#tour-arrow)"/>
<path class="way" d="M286 200V84" marker-end="url(#tour-arrow)"/>
<path class="way" d="M90 288V400" marker-end="url(#tour-arrow)"/>
<path class="way" d="M280 288V400" marker-end="url(#tour-arrow)"/>
<path class="way keys" d="M368 442H388V42H372" marker-end="url(#tour-arrow)"/>
${step({ x: 46, y: 112, number: 1, word: 'issue' })}
${step({ x: 46, y: 162, number: 2, word: 'obtain' })}
${step({ x: 30, y: 266, number: 3, word: 'hold' })}
${step({ x: 220, y: 266, number: 3, word: 'hold' })}
${step({ x: 90, y: 342, number: 4, word: 'attach' })}
${step({ x: 280, y: 342, number: 4, word: 'attach' })}
${step({ x: 166, y: 138, number: 5, word: 'renew' })}
${step({ x: 286, y: 138, number: 7, word: 'revoke' })}
${step({ x: 292, y: 442, number: 6, word: 'verify' })}
</svg>`
}

function box({
  x,
  y,
  width,
  height,
  name,
  says,
}: {
  x: number
  y: number
  width: number
  height: number
  name: string
  says: string
}) {
  return html`<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10"/><text class="name" x="${x + 14}" y="${y + 27}">${name}</text><text class="says" x="${x + 14}" y="${y + 46}">${says}</text>`
}

function step({ x, y, number, word }: { x: number; y: number; number: number; word: string }) {
  return html`<circle cx="${x}" cy="${y}" r="11"/><text class="number" x="${x}" y="${y + 5}" text-anchor="middle">${number}</text><text class="word" x="${x + 18}" y="${y + 5}">${word}</text>`
}
