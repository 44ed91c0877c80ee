/**
 * A gigabyte up and a gigabyte down through the BFF's proxy, and what the memory of the process does meanwhile.
 * Client, BFF, provider and API share the process, so the figure is an upper bound for the BFF alone.
 *
 *   npm run drive:bff-stream -- [megabytes]
 */
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bff } from '@latchkey/bff/node'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { testBff } from '@latchkey/testing'

const megabytes = Number(process.argv[2] ?? 1024)
const chunk = new Uint8Array(65_536).fill(97)
const chunks = megabytes * 16

const house = await testBff({
  async api(incoming) {
    if (incoming.method === 'GET') return new Response(gigabyte())
    let received = 0
    for await (const part of incoming.body ?? []) received += part.length
    return new Response(String(received))
  },
})
const browser = await house.signIn()
const front = createServer(bff(house.bff))
await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
const door = `http://127.0.0.1:${(front.address() as AddressInfo).port}`
const headers = { cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; '), 'x-csrf': '1' }

function gigabyte(): ReadableStream<Uint8Array> {
  let sent = 0
  return new ReadableStream({
    pull(controller) {
      if (sent++ < chunks) controller.enqueue(chunk)
      else controller.close()
    },
  })
}

function download(): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(`${door}/api/file`, { headers }, (response) => {
      let received = 0
      response.on('data', (part: Buffer) => {
        received += part.length
      })
      response.on('end', () => resolve(received))
    })
    asked.on('error', reject).end()
  })
}

function upload(): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(`${door}/api/file`, { method: 'POST', headers }, (response) => {
      let text = ''
      response.on('data', (part: Buffer) => {
        text += part
      })
      response.on('end', () => resolve(Number(text)))
    })
    asked.on('error', reject)
    let sent = 0
    const write = () => {
      while (sent++ < chunks) if (!asked.write(chunk)) return void asked.once('drain', write)
      asked.end()
    }
    write()
  })
}

let failed = false
async function measured(name: string, transfer: () => Promise<number>): Promise<void> {
  const before = process.memoryUsage.rss()
  let peak = before
  let watching = true
  const watch = () => {
    peak = Math.max(peak, process.memoryUsage.rss())
    if (watching) systemRuntime.schedule(0.05, watch)
  }
  watch()
  const began = systemRuntime.now()
  const bytes = await transfer()
  watching = false
  const grown = (peak - before) / 1e6
  const good = bytes === chunks * chunk.length && grown < 300
  if (!good) failed = true
  console.log(
    `${good ? 'ok  ' : 'FAIL'} ${name}: ${(bytes / 1e6).toFixed(0)} MB in ${(systemRuntime.now() - began).toFixed(1)} s; memory ${(before / 1e6).toFixed(0)} MB before, ${(peak / 1e6).toFixed(0)} MB at its peak`,
  )
}

await download()
await measured('download', download)
await measured('upload', upload)
await measured('download again', download)
front.closeAllConnections()
front.close()
await house.close()
process.exitCode = failed ? 1 : 0
