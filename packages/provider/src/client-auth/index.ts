import type { ClientAuthMethod } from './client-auth-method.ts'
import { clientSecretBasic } from './client-secret-basic.ts'
import { clientSecretPost } from './client-secret-post.ts'
import { none } from './none.ts'

/** Every way a client may prove who it is. */
export const clientAuthMethods: readonly ClientAuthMethod[] = [clientSecretBasic, clientSecretPost, none]

/** The methods of clients that hold a secret. */
export const confidentialAuthMethods = clientAuthMethods.filter((method) => method !== none)
