import { forkJoin, isObservable, map, type Observable, of } from 'rxjs'
import type { OpenIdConfiguration } from './open-id-configuration.ts'

type Loaded = OpenIdConfiguration | readonly OpenIdConfiguration[]

/** Where configurations come from: `provideAuth({ loader: { provide: StsConfigLoader, useFactory, deps } })`. */
export abstract class StsConfigLoader {
  /** Emits once; an error is told by whoever waits for the configurations. */
  abstract loadConfigs(): Observable<readonly OpenIdConfiguration[]>
}

/** Those it was given. */
export class StsConfigStaticLoader extends StsConfigLoader {
  readonly #configs: readonly OpenIdConfiguration[]

  constructor(configs: Loaded) {
    super()
    this.#configs = [configs].flat() as readonly OpenIdConfiguration[]
  }

  override loadConfigs(): Observable<readonly OpenIdConfiguration[]> {
    return of(this.#configs)
  }
}

/** Those that requests bring: one Observable of one or several, or several of one each. */
export class StsConfigHttpLoader extends StsConfigLoader {
  readonly #source: Observable<Loaded> | readonly Observable<OpenIdConfiguration>[]

  constructor(source: Observable<Loaded> | readonly Observable<OpenIdConfiguration>[]) {
    super()
    this.#source = source
  }

  override loadConfigs(): Observable<readonly OpenIdConfiguration[]> {
    const source = this.#source
    if (!isObservable(source)) return forkJoin([...source])
    return source.pipe(map((loaded) => [loaded].flat() as readonly OpenIdConfiguration[]))
  }
}
