import { stylesheet } from '@latchkey/provider/assets'

export const GET = () => new Response(stylesheet, { headers: { 'content-type': 'text/css; charset=utf-8' } })
