import { startLocal } from "groundwork/local";
import { SignJWT } from "jose";
import { createSecretKey } from "node:crypto";
const t0 = performance.now();
const backend = await startLocal({projectRoot: "/tmp/sec/p", log: (l) => {}});
console.log("start", performance.now()-t0);
const owner = await backend.signUp({data:{name:"mk1"}}); const stranger = await backend.signUp();
const { data: c } = await owner.client.from("circles").insert({circle_name:"mk1"}).select().single().throwOnError();
const { data: t } = await owner.client.from("thoughts").insert({thought_text:"mk1", circle_id:c.id}).select().single().throwOnError();
const tok = (await stranger.client.auth.getSession()).data.session!.access_token;
const otok = (await owner.client.auth.getSession()).data.session!.access_token;
const req = async (token: string|undefined, method: string, path: string, body?: unknown, headers: Record<string,string> = {}) => {
  const r = await fetch(backend.url + "/rest/v1/" + path, {method, headers: {apikey: backend.publishableKey, ...(token && {authorization: `Bearer ${token}`}), ...(body!==undefined && {"content-type":"application/json"}), ...headers}, ...(body!==undefined && {body: JSON.stringify(body)})});
  return [r.status, await r.text(), r.headers.get("content-range")];
};
for (let k=0;k<3;k++){ const s = performance.now(); for (let i=0;i<50;i++) await req(tok,"GET","thoughts?select=*"); console.log("GET ms", (performance.now()-s)/50);}
{ const s = performance.now(); for (let i=0;i<50;i++) { await req(tok,"GET","thoughts?select=*"); await backend.database.query("select md5(string_agg(to_jsonb(t)::text,'')) from public.thoughts t"); } console.log("GET+owner query ms", (performance.now()-s)/50);}
{ const s = performance.now(); for (let i=0;i<50;i++) { await backend.database.query("select md5(string_agg(to_jsonb(t)::text,'')) from public.thoughts t"); } console.log("owner query ms", (performance.now()-s)/50);}
console.log("anon", await req(undefined,"GET","thoughts"));
console.log("embed hint", await req(otok,"GET","thoughts?select=*,circles!thoughts_user_id_circle_id_fkey(*)"));
console.log("embed rev", await req(otok,"GET","circles?select=*,thoughts!thoughts_user_id_circle_id_fkey(*)"));
console.log("embed users", await req(otok,"GET","thoughts?select=id,users!thoughts_user_id_fkey(*)"));
console.log("embed users rev", await req(otok,"GET","users?select=id,thoughts!thoughts_user_id_fkey(*)"));
console.log("count", await req(tok,"GET","thoughts?select=*",undefined,{prefer:"count=exact"}));
console.log("del unfiltered", await req(tok,"DELETE","thoughts",undefined,{prefer:"return=representation"}));
console.log("del unfiltered min", await req(tok,"DELETE","thoughts"));
console.log("patch unfiltered", await req(tok,"PATCH","thoughts",{thought_text:"x"}));
console.log("upsert pk", await req(tok,"POST","thoughts",{id:t.id,thought_text:"x"},{prefer:"resolution=merge-duplicates,return=representation"}));
console.log("upsert ignore", await req(tok,"POST","thoughts?on_conflict=id",{id:t.id,thought_text:"x"},{prefer:"resolution=ignore-duplicates,return=representation"}));
console.log("upsert on user_id,id", await req(tok,"POST","thoughts?on_conflict=user_id,id",{user_id:owner.user.id,thought_text:"x"},{prefer:"resolution=merge-duplicates,return=representation"}));
console.log("gift", await req(otok,"PATCH","thoughts?id=eq."+t.id,{user_id:stranger.user.id}));
console.log("profile private", await req(tok,"GET","error_codes",undefined,{"accept-profile":"private"}));
console.log("profile auth", await req(tok,"GET","users",undefined,{"accept-profile":"auth"}));
console.log("rpc profile private", await req(tok,"POST","rpc/ensure_user",{},{"content-profile":"private"}));
console.log("rpc", await req(tok,"POST","rpc/complete_intention",{intention_id:1,story_text:"x"}));
const sign = (claims: object, secret=backend.jwtSecret, exp="1h") => new SignJWT({role:"authenticated",aud:"authenticated",...claims}).setProtectedHeader({alg:"HS256",typ:"JWT"}).setIssuedAt().setExpirationTime(exp).sign(createSecretKey(Buffer.from(secret)));
console.log("bad sig", await req(await sign({sub:owner.user.id},"x".repeat(40)),"GET","thoughts"));
console.log("expired", await req(await sign({sub:owner.user.id},backend.jwtSecret,"-1h"),"GET","thoughts"));
const b=(o:object)=>Buffer.from(JSON.stringify(o)).toString("base64url");
console.log("alg none", await req(b({alg:"none",typ:"JWT"})+"."+b({sub:owner.user.id,role:"authenticated",exp:9999999999})+".","GET","thoughts"));
console.log("role service_role bad sig", await req(await sign({role:"service_role"},"x".repeat(40)),"GET","thoughts"));
console.log("role unknown signed", await req(await sign({role:"postgres"}),"GET","thoughts"));
console.log("role supabase_admin signed", await req(await sign({role:"supabase_admin"}),"GET","thoughts"));
console.log("norole signed", await req(await sign({role:undefined, sub: owner.user.id}),"GET","thoughts"));
console.log("malformed", await req("abc","GET","thoughts"));
console.log("clerk", await req(await sign({sub:"user_x"}),"GET","thoughts"));
console.log("inner filter", await req(tok,"GET","circles?select=id,thoughts!inner(id)&thoughts.thought_text=like.mk*"));
console.log("root", (await req(tok,"GET",""))[0], String((await req(tok,"GET",""))[1]).slice(0,300));
await backend.close();
process.exit(0)
