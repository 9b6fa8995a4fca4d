/** The bundler turns a font into a `data:` address, and leaves of it what `dom/icon.ts` names. */
declare module '*.ttf' {
  const address: string;
  export default address;
}
