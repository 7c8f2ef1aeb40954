export class World {
  start(): Promise<this>;
  close(): Promise<void>;
}
