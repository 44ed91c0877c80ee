/** Gives `light` every member of `native` that it has none of its own for: each asks the native object behind it. */
export function delegate<Native extends object>(
  light: { readonly prototype: object },
  native: { readonly prototype: Native },
  own: readonly (keyof Native)[],
): void {
  const { prototype } = light
  for (const name of Object.getOwnPropertyNames(native.prototype) as (keyof Native & string)[]) {
    if (Object.hasOwn(prototype, name) || own.includes(name)) continue
    const isMethod = typeof Object.getOwnPropertyDescriptor(native.prototype, name)?.value === 'function'
    Object.defineProperty(prototype, name, isMethod ? { value: calls<Native>(name) } : { get: reads<Native>(name) })
  }
  Object.setPrototypeOf(prototype, native.prototype)
}

interface Backed<Native> {
  readonly native: Native
}

function calls<Native>(name: keyof Native) {
  return function (this: Backed<Native>, ...given: readonly unknown[]): unknown {
    return Reflect.apply(this.native[name] as (...given: readonly unknown[]) => unknown, this.native, given)
  }
}

function reads<Native>(name: keyof Native) {
  return function (this: Backed<Native>): unknown {
    return this.native[name]
  }
}
