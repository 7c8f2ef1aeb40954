/**
 * What `secure-defaults` of Aegis and Denyx says besides what our preset of that name does: it asks before each deletion
 * and command, and denies private addresses, programs that run others, and variables by name. As a preset of its own, so
 * that a dialect policy means what it said and `"!bash"` can take an entry out. Names as published in both systems.
 */
import type { KeyPath } from "../keys.ts";

export const REFERENCE_PRESET = "secure-defaults";
export const DIALECT_DEFAULTS = "aegis-defaults";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const DEFAULTS: Readonly<Partial<Record<KeyPath, readonly string[]>>> = {
  requires_approval: ["fs.delete", "subprocess.exec"],
  "filesystem.deny": words(`
    ~/.aws/** ~/.ssh/** ~/.config/gh/** ~/.config/gcloud/** ~/.config/aegis/** ~/.config/denyx/** ~/.netrc
    ~/.docker/config.json ~/.gem/credentials ~/.kube/config
    .env .env.* **/.env **/.env.* **/secrets/** **/secrets.* **/credentials/** **/credentials.*
    /etc/passwd /etc/shadow /etc/sudoers /etc/sudoers.d/** /proc/** /sys/** /dev/**`),
  "network.deny_ips": words(`
    169.254.0.0/16 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 127.0.0.0/8 ::1/128 fc00::/7 fe80::/10`),
  "environment.deny_vars": words(`
    AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN GOOGLE_APPLICATION_CREDENTIALS AZURE_CLIENT_SECRET
    OPENAI_API_KEY ANTHROPIC_API_KEY GITHUB_TOKEN GH_TOKEN GITLAB_TOKEN STRIPE_SECRET_KEY SENDGRID_API_KEY
    TWILIO_AUTH_TOKEN SLACK_TOKEN DOCKER_AUTH_CONFIG DATABASE_URL DATABASE_PASSWORD
    AEGIS_AUTH_TOKEN AEGIS_TOKEN AEGIS_SERVER_TOKEN AEGIS_JWT AEGIS_API_KEY
    DENYX_AUTH_TOKEN DENYX_TOKEN DENYX_SERVER_TOKEN DENYX_JWT DENYX_API_KEY`),
  "subprocess.deny_commands": words(`
    sh bash zsh dash fish csh tcsh ksh ash busybox
    python python2 python3 pypy pypy3 ruby perl php node nodejs deno bun lua luajit tclsh expect
    env xargs watch timeout nohup setsid nice ionice taskset chrt
    rm dd mkfs shred sudo doas su curl wget nc ncat socat ssh scp rsync
    psql mysql redis-cli mongosh sqlite3 kubectl helm aws gcloud az flyctl heroku terraform pulumi`),
};

/** No policy of that system can open these, in any list. */
export const RESERVED_VARIABLES: ReadonlySet<string> = new Set(
  ["AEGIS", "DENYX"].flatMap((owner) =>
    words("AUTH_TOKEN TOKEN SERVER_TOKEN JWT API_KEY POLICY_URL AUDIT_URL").map((name) => `${owner}_${name}`),
  ),
);

/** Does `"!entry"` have something to take out? */
export const isDefault = (key: string, text: string): boolean => DEFAULTS[key as KeyPath]?.includes(text) === true;

/** The preset as a policy. */
export function dialectDefaultsText(): string {
  const lists = Object.entries(DEFAULTS).map(([path, texts]) => {
    const [section, key] = path.includes(".") ? path.split(".") : [null, path];
    const list = `${key} = [\n${texts.map((text) => `  "${text}",\n`).join("")}]\n`;
    return section === null ? list : `\n[${section}]\n${list}`;
  });
  return `# \`secure-defaults\` of Aegis and Denyx.\nversion = 1\nname = "${DIALECT_DEFAULTS}"\n${lists.join("")}`;
}
