import { ApiError, type Route, type Routes } from '../route.ts'

const missing =
  (what: string): Route =>
  () => {
    throw new ApiError(501, `${what} is not part of this version`)
  }

/** Paths that scripts know and that nothing stands behind yet: they say so. */
export const laterRoutes: Routes = {
  '/getAISessionPoolsInfo': missing('selling and buying AI work'),
  '/getNetworkCapabilities': missing('selling and buying AI work'),
}
