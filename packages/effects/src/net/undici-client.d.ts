// The file of undici that holds nothing but its HTTP/1.1 client; undici's own index does not declare types for it.
declare module "undici/lib/dispatcher/client.js" {
  import { Client } from "undici";
  export default Client;
}
