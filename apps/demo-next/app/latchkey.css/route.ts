import { stylesheet } from '@latchkey/provider/assets'

export const GET = () => new Response(stylesheet.content, { headers: { 'content-type': stylesheet.type } })
