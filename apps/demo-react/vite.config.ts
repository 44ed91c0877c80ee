import { defineConfig } from 'vite'

export default defineConfig({
  root: 'app',
  publicDir: '../.house',
  resolve: { conditions: ['source'] },
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    assetsDir: '',
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { hashCharacters: 'hex' } },
  },
})
