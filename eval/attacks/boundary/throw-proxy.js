// goal: throw a revoked proxy
// expect: error
const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
throw proxy;
