import type { Routes } from '@angular/router'
import { authGuard } from '@latchkey/angular'
import { Callback } from './pages/callback.ts'
import { CrossOrigin } from './pages/cross-origin.ts'
import { ExternalApi } from './pages/external-api.ts'
import { Home } from './pages/home.ts'
import { NotFound } from './pages/not-found.ts'
import { Profile } from './pages/profile.ts'

export const routes: Routes = [
  { path: '', pathMatch: 'full', component: Home, title: 'Home' },
  { path: 'profile', component: Profile, title: 'Profile', canActivate: [authGuard] },
  { path: 'external-api', component: ExternalApi, title: 'External API', canActivate: [authGuard] },
  { path: 'cross-origin', component: CrossOrigin, title: 'Cross-origin', canActivate: [authGuard] },
  { path: 'callback', component: Callback, title: 'Sign-in' },
  { path: '**', component: NotFound, title: 'Not found' },
]
