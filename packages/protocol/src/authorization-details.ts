/** One entry of `authorization_details`; what stands besides `type` is the type's own. @spec RFC 9396 §2 */
export interface AuthorizationDetail {
  readonly type: string
  readonly [member: string]: unknown
}
