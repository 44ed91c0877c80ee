import { styleText } from 'node:util'
import { asLocalhost, asReactHost } from './demo-config.ts'
import type { Tour } from './tour.ts'

/** What a person needs once all is ready: where everything is, and who to sign in as. */
export function summary({ addresses, state, folder }: Pick<Tour, 'addresses' | 'state' | 'folder'>): string {
  const { provider, api, angular, react, bff } = addresses
  const places = [
    ['Start page', `${provider}/`, 'which part does what'],
    ['Angular app', `${angular}/`, 'tokens in the page'],
    ['React app', `${react}/`, 'the same in React'],
    ['BFF app', `${bff}/`, 'tokens on the server, a cookie in the page'],
    ['Angular, BFF', `${asLocalhost(bff)}/`, 'the Angular app of above, tokens on the server'],
    ['React, BFF', `${asReactHost(bff)}/`, 'the React app of above, tokens on the server'],
    ['API', `${api}/api/public`, 'what all of them call'],
    ['Administration', `${provider}/admin`, 'clients; sign in as admin'],
    ['Your account', `${provider}/account`, 'what you have allowed; take it back there'],
  ]
  const people = [
    ['Sign in as', 'alice', state.alicePassword],
    ['Administrator', 'admin', state.adminPassword],
  ]
  const widths = [0, 1].map((column) => Math.max(...[...places, ...people].map((row) => row[column]?.length ?? 0)))
  const line = ([label = '', value = '', rest = '']: readonly string[], restFormat: 'dim' | 'bold'): string => {
    const [first = 0, second = 0] = widths
    return `  ${label.padEnd(first)}  ${styled('cyan', value.padEnd(second))}  ${styled(restFormat, rest)}`
  }
  return [
    '',
    styled('bold', '  Latchkey is ready'),
    '',
    ...places.map((row) => line(row, 'dim')),
    '',
    ...people.map((row) => line(row, 'bold')),
    '',
    `  Data and logs are in ${folder}.`,
    '  Ctrl-C ends all of it.',
    '',
    '',
  ].join('\n')
}

export const ending = '\n  Ending …\n'

/** Colour on a terminal that has it, plain when piped. */
function styled(format: 'bold' | 'dim' | 'cyan', text: string): string {
  return styleText(format, text, { stream: process.stdout })
}
