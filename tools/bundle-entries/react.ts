/** All of the React adapter; its `createAuth` stands beside the core's. */
export {
  AuthProvider,
  createAuth as createReactAuth,
  RequireAuth,
  useAccessToken,
  useAuth,
  useAuthFetch,
} from '../../packages/react/src/index.ts'
