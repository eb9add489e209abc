// Constants that the build defines.
declare const __APP_VERSION__: string
/** Where releases may lie beside the page's own server. */
declare const __MODEL_ORIGINS__: readonly string[]
