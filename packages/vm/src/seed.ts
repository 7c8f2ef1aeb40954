/**
 * The state of Math.random for a seed. QuickJS runs xorshift64*, whose state must not be zero and should not be small;
 * one step of splitmix64 (Steele, Lea, Flood 2014) spreads neighbouring seeds.
 */
export function seedState(seed: number): bigint {
  let z = BigInt.asUintN(64, BigInt(Math.trunc(Number.isFinite(seed) ? seed : 0)) + 0x9e3779b97f4a7c15n);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  z ^= z >> 31n;
  return z === 0n ? 1n : z;
}
