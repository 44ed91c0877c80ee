import { testProvider } from '@latchkey/testing'
import { expect, test } from 'vitest'
import { startPages } from './start-page.ts'

const elsewhere = {
  api: 'http://127.0.0.1:3002',
  angular: 'http://127.0.0.1:4201',
  react: 'http://127.0.0.1:5174',
  bff: 'http://127.0.0.1:6002',
}

test('the start page links every part and has neither inline style nor inline script', async () => {
  const { request, close } = await testProvider({ pages: [startPages(elsewhere)] })
  const response = await request('/', { headers: { accept: 'text/html' } })
  const page = await response.text()
  for (const address of Object.values(elsewhere)) expect(page).toContain(`href="${address}`)
  expect(page).toContain('/admin"')
  expect(page).toMatch(/<svg class="tour-picture"/)
  expect(page).not.toMatch(/ style=|<style|<script(?! src=)| on[a-z]+=/)
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  await close()
})

test('its stylesheet is served beside it, and no other address is taken', async () => {
  const { request, close } = await testProvider({ pages: [startPages(elsewhere)] })
  expect((await request('/tour.css')).headers.get('content-type')).toBe('text/css; charset=utf-8')
  expect((await request('/nowhere')).status).toBe(404)
  await close()
})
