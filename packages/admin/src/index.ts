export { createAdminPages } from './create-admin-pages.ts'
