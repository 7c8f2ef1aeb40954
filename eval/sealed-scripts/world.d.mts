export interface World {
  close(): Promise<void>;
}
export function makeWorld(): Promise<World>;
