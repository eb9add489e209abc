// Constants that the build defines.
declare const __APP_VERSION__: string
