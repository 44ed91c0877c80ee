import type { SessionRecord } from '../store/store.ts'

type Names = readonly (readonly [sign: RegExp, name: string])[]

/** The first that matches: browsers also name those that they want to be taken for. */
const browsers: Names = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+ .*Safari\//, 'Safari'],
]

const platforms: Names = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMacintosh\b/, 'Mac'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

/** What a browser calls itself, by names that people know: never a version, never the header. */
export function deviceOf(request: Request): NonNullable<SessionRecord['device']> {
  const agent = (request.headers.get('user-agent') ?? '').slice(0, 500)
  return { browser: nameIn(browsers, agent), platform: nameIn(platforms, agent) }
}

function nameIn(names: Names, agent: string): string | null {
  return names.find(([sign]) => sign.test(agent))?.[1] ?? null
}
