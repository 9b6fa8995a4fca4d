/** The bundler turns a font into a `data:` address. */
declare module '*.ttf' {
  const address: string;
  export default address;
}
