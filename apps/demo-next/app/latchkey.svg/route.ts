import { icon } from '@latchkey/provider/assets'

export const GET = () => new Response(icon, { headers: { 'content-type': 'image/svg+xml' } })
