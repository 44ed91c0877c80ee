import { icon } from '@latchkey/provider/assets'

export const GET = () => new Response(icon.content, { headers: { 'content-type': icon.type } })
