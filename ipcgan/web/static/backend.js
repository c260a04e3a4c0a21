// Who does the work: here the server that this page came from.
export { backend } from "./backends/server.js";
