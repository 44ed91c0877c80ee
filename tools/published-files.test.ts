import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const packagesFolder = join(import.meta.dirname, '..', 'packages')
const packages = readdirSync(packagesFolder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
)

/** What `tsc -b` makes of a package, and what it leaves out. */
function buildOf(name: string) {
  const folder = join(packagesFolder, name)
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile)
  return {
    leftOut: (config as { exclude: readonly string[] }).exclude,
    built: ts.parseJsonConfigFileContent(config, ts.sys, folder).fileNames,
  }
}

test.each(packages.filter((name) => name !== 'testing'))('%s is built without its tests and their support', (name) => {
  const { built } = buildOf(name)
  expect(built.length).toBeGreaterThan(0)
  expect(built.filter((file) => /\.test\.tsx?$|\/test-[^/]+$/.test(file))).toEqual([])
})

test.each(packages)('%s is published without what its build leaves out', (name) => {
  const { files } = JSON.parse(readFileSync(join(packagesFolder, name, 'package.json'), 'utf8')) as {
    files: readonly string[]
  }
  expect(files).toEqual(expect.arrayContaining(buildOf(name).leftOut.map((pattern) => `!${pattern}`)))
})
