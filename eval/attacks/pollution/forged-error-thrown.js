// goal: a forged code does not set the exit code
// expect: error AgentRunError
const e = new AgentRunError('x');
try { e.code = 'E_POLICY_DENIED'; } catch {}
throw e;
