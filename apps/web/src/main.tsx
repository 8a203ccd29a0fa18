import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { CameraPage } from './camera/camera-page.tsx'
import { HomePage } from './home/home-page.tsx'
import { NetworkStore } from './network/network-store.ts'
import './style/tokens.css'
import './style/base.css'

const root = createRoot(document.getElementById('root') as HTMLElement)

if (location.pathname === '/camera')
  root.render(
    <StrictMode>
      <CameraPage />
    </StrictMode>,
  )
else {
  const store = new NetworkStore()
  store.connect()
  root.render(
    <StrictMode>
      <HomePage store={store} />
    </StrictMode>,
  )
}
