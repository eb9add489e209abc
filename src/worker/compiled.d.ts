/** AssemblyScript, compiled to WebAssembly by the build: the address of the file. */
declare module '*?compiled' {
	const url: string
	export default url
}
