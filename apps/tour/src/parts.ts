import { pathToFileURL } from 'node:url'
import { host } from './addresses.ts'
import {
  angularClientId,
  apiClientId,
  asLocalhost,
  audience,
  bffClientId,
  configFile,
  reactClientId,
} from './demo-config.ts'
import type { Tour } from './tour.ts'

interface Part {
  readonly name: string
  readonly script: string
  readonly address: string
  readonly environment: Readonly<Record<string, string>>
}

/** The parts in the order they start: the provider first, because the others ask it for its metadata. */
export function startParts(tour: Tour): readonly { readonly name: string; start(): Promise<void> }[] {
  return describeParts(tour).map((part) => ({ name: part.name, start: () => startPart(tour, part) }))
}

function describeParts({ folder, addresses, state }: Tour): readonly Part[] {
  const { provider, api, angular, react, bff } = addresses
  const common = { ISSUER: provider, AUDIENCE: audience }
  return [
    {
      name: 'Provider',
      script: 'apps/tour/src/provider.ts',
      address: provider,
      environment: {
        TOUR_CONFIG: configFile(folder),
        TOUR_API_URL: api,
        TOUR_ANGULAR_URL: angular,
        TOUR_REACT_URL: react,
        TOUR_BFF_URL: bff,
      },
    },
    {
      name: 'API',
      script: 'apps/demo-api/src/main.ts',
      address: api,
      environment: {
        ...common,
        ALLOWED_ORIGINS: [angular, react].flatMap((origin) => [origin, asLocalhost(origin)]).join(','),
        CLIENT_ID: apiClientId,
        CLIENT_SECRET: state.apiClientSecret,
        REVOCATIONS_FILE: `${folder}/api-revocations`,
      },
    },
    {
      name: 'Angular app',
      script: 'apps/demo-angular/src/main.ts',
      address: angular,
      environment: { ...common, CLIENT_ID: angularClientId, API_URL: api, BFF_URL: bff },
    },
    {
      name: 'React app',
      script: 'apps/demo-react/src/main.ts',
      address: react,
      environment: { ...common, CLIENT_ID: reactClientId, API_URL: api, BFF_URL: bff },
    },
    {
      name: 'BFF app',
      script: 'apps/demo-bff/src/main.ts',
      address: bff,
      environment: {
        ...common,
        CLIENT_ID: bffClientId,
        CLIENT_SECRET: state.bffClientSecret,
        API_URL: api,
        SESSION_DB: `${folder}/bff.db`,
        SESSION_KEY: state.bffSessionKey,
        ANGULAR_FOLDER: 'apps/demo-angular/dist',
        REACT_FOLDER: 'apps/demo-react/dist',
      },
    },
  ]
}

function startPart({ root, processes }: Tour, { name, script, address, environment }: Part): Promise<void> {
  return processes.start({
    name,
    command: process.execPath,
    parameters: [
      '--conditions=source',
      '--disable-warning=ExperimentalWarning',
      `--import=${pathToFileURL(`${root}/apps/tour/src/end-with-parent.ts`).href}`,
      `${root}/${script}`,
    ],
    folder: root,
    environment: { ...environment, HOST: host, PORT: new URL(address).port },
  })
}
