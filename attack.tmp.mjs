import { build } from "esbuild";
const root="/tmp/wt-exact/";
const outfile="/tmp/exact-probe-bundle.mjs";
const names=["exact-claims.fixture","exact-policies.fixture","regions","generated.fixture","never"];
await build({stdin:{contents:names.map(n=>`export * from ${JSON.stringify(root+"packages/authoring/src/analysis/"+n+".ts")};`).join("\n"),resolveDir:root,loader:"ts"},outfile,bundle:true,platform:"node",format:"esm",banner:{js:'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'},logLevel:"error"});
import { pathToFileURL } from "node:url";
const m=await import(pathToFileURL("/tmp/exact-probe-bundle.mjs").href);
const all=["fs.read","fs.write","fs.delete","net.http_get","net.http_post","env.read","subprocess.exec"];
const L=(n,f)=>Array.from({length:n},(_,i)=>f(i));
const q=(l)=>`[${l.map(x=>JSON.stringify(x)).join(", ")}]`;
const ch=(i)=>String.fromCharCode(97+i%26);
const A={
 overlapping: `[filesystem]\nread_allow=${q(L(500,i=>`${ch(i)}*/**/${ch(i*7)}${i}*`))}\ndeny=${q(L(500,i=>`**/*${ch(i*3)}${i}*/*`))}`,
 stars: `[filesystem]\nread_allow=["**"]\ndeny=${q(L(60,i=>`*${ch(i)}*${ch(i*5+1)}*${ch(i*3+2)}*`))}`,
 names: `[environment]\nallow_vars=["*"]\ndeny_vars=${q(L(40,i=>`*${ch(i).toUpperCase()}*${ch(i*5+1).toUpperCase()}*`))}`,
 deep: `[filesystem]\nread_allow=${q(L(20,i=>L(15,j=>j%2?"**":ch(i+j)).join("/")+"/z"))}\ndeny=${q(L(20,i=>"**/"+L(15,j=>j%2?"**":"*"+ch(i*j)).join("/")))}`,
 regexes: L(60,i=>`[[rule]]\nid="g${i}"\neffect="${i%2?"deny":"allow"}"\non="fs.read"\nwhen={path={regex='(${ch(i)}|${ch(i+1)}.){3,9}[^${ch(i)}]{1,20}${ch(i+2)}$'}}\n`).join(""),
 bigregex: `[[rule]]\nid="g"\neffect="allow"\non="fs.read"\nwhen={path={regex='(a|b)*a(a|b){18}$'}}\n`,
 net: `[network]\nhttp_get_allow=${q(L(300,i=>`https://h${i%30}.example:${1000+i}/${ch(i)}/*/**`))}\ndeny_hosts=${q(L(300,i=>`*.example:${1000+i*2}`))}`,
 netrules: L(200,i=>`[[rule]]\nid="g${i}"\neffect="${i%3?"deny":"allow"}"\non="net.*"\nhost="*"\nport=[${1000+i},${2000+i}]\nscheme="https"\nurl_path="/${ch(i)}*/**/${ch(i*3)}"\nwhen={method={in=["GET","HEAD"]}, bytes={gt=${i}}}\n`).join(""),
 lines: `[subprocess]\nallow_commands=${q(L(200,i=>`c${i}`))}\n${L(200,i=>`[subprocess.deny_args]`).slice(0,1)}\n${L(200,i=>`c${i} = ["push x${i}"]`).join("\n")}`,
 runners: `[subprocess]\nallow_commands=["npx","npm","node","uv","ruby","python",${L(100,i=>`"c${i}"`).join(",")}]\n[subprocess.deny_args]\n${L(100,i=>`c${i} = ["push x${i}"]`).join("\n")}`,
 hours: L(300,i=>`[[rule]]\nid="g${i}"\neffect="allow"\non="fs.read"\npath="a${i}"\nexpires=20${27+i%50}-01-0${1+i%9}\nhours="${String(i%24).padStart(2,"0")}:0${i%10}-12:00 ${["UTC","Europe/Berlin","America/New_York"][i%3]}"\n`).join(""),
 actors: L(60,i=>`[[rule]]\nid="g${i}"\neffect="${i%2?"deny":"ask"}"\non="fs.read"\nwhen={actor={glob="*${ch(i)}*${ch(i*3+1)}*"}, bytesx=0}\n`.replace(", bytesx=0","")).join("")+`[filesystem]\nread_allow=["**"]`,
 thousand: L(1000,i=>`[[rule]]\nid="g${i}"\neffect="${["allow","deny","ask"][i%3]}"\non=["fs.*"]\npath="*${ch(i)}*/${i}/**/*${ch(i*3)}*"\nexcept="**/*${i%7}"\nwhen={actor={ne="u${i}"}}\n`).join(""),
};
const only=process.argv[2];
for(const [name,text] of Object.entries(A)){ if(only&&only!==name)continue;
 let p;try{p=m.policyOf(text)}catch(e){console.log(name,"LOAD",String(e.message).slice(0,150));continue}
 const on={names:["env.read"],net:["net.http_get"],netrules:["net.http_get"],lines:["subprocess.exec"],runners:["subprocess.exec"]}[name]??["fs.read"];
 const time=(n,f)=>{const t=process.cpuUsage().user;let r;try{r=f()}catch(e){r="THROWS "+String(e).slice(0,80)}console.log(name,n,((process.cpuUsage().user-t)/1e6).toFixed(1)+"s",Math.round(process.memoryUsage().rss/2**20)+"MB",JSON.stringify(r).slice(0,140))};
 time("can",()=>{const {found,unknown}=m.possible(p,{on});return [found.map(f=>f.answer+(f.witness?"":"?")),unknown.map(u=>u.reason)]});
 time("never",()=>{const [x]=m.proveNevers(p,[{name:null,on,where:on[0]==="fs.read"?[{attribute:"path",not:true,patterns:["/w/*q*/**","/w/**/*z*z*"]}]:[],at:{file:"",line:1,column:1}}]);return [x.violations.length,x.unknown]});
 const half={...p.data,rules:p.data.rules.filter((r,i)=>r.ref.id.startsWith("builtin")||i%2)};
 time("diff",()=>{const d=m.differences(p,half,on);return [d.found.length,d.unknown.length,d.unknown[0]]});
}
