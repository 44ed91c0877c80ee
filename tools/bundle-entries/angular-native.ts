/** What an application of the native API takes of the Angular adapter. */
export {
  authentication,
  authGuard,
  authGuardWith,
  authInterceptor,
  injectAuth,
  provideLatchkey,
  withAppInitializerAuthCheck,
} from '../../packages/angular/src/index.ts'
