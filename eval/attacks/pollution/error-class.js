// goal: AgentRunError replaced and forged
// expect: value null
const e = new AgentRunError('x');
try { e.code = 'E_POLICY_DENIED'; } catch {}
return null;
