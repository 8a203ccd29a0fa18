import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

/** Where the development server finds a running network. */
const NETWORK_URL = 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react()],
  // The packages are bundled from their sources, so that the page needs no earlier build.
  resolve: { conditions: ['millrace-source', ...defaultClientConditions] },
  build: {
    target: 'es2022',
    // The page's Content-Security-Policy allows files of its own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { treeshake: { moduleSideEffects: (id) => !id.includes('/packages/') } },
  },
  server: { proxy: { '/api': NETWORK_URL, '/hls': NETWORK_URL, '/stream': NETWORK_URL } },
})
