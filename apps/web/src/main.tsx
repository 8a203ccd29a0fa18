import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { HomePage } from './home/home-page.tsx'
import { NetworkStore } from './network/network-store.ts'
import './style/tokens.css'
import './style/base.css'

const store = new NetworkStore()
store.connect()

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <HomePage store={store} />
  </StrictMode>,
)
