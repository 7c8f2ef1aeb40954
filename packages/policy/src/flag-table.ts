/**
 * Arguments with which well-known commands run another program or write a file of the script's choice. An operator
 * who grants `git` or `find` means reading history and finding files; these arguments would turn the grant into
 * "run anything, write anywhere" behind the back of the file rules. Sources: the manuals, GTFOBins, CVE-2017-1000117
 * and its kin. Patterns are read by `matchArgs`, so abbreviations, combined letters and `=value` are covered.
 */
export const RUNS = "runs another program";
export const WRITES = "writes a file";
export const REWIRES = "reads configuration that can run another program";
const LISTS = "takes names of files from a list that no file rule sees";
const DELETES = "deletes files";
const REVEALS = "prints stored credentials";

type Entry = readonly [reason: string, ...patterns: string[]];

/** By program name in lower case, without version. */
export const FLAG_TABLE: ReadonlyMap<string, readonly Entry[]> = new Map(
  Object.entries<readonly Entry[]>({
    git: [
      [RUNS, "difftool", "mergetool", "filter-branch", "bisect run", "bisect visualize", "bisect view"],
      [RUNS, "submodule foreach", "daemon", "instaweb", "web--browse", "send-email", "imap-send", "shell"],
      [RUNS, "http-backend"],
      [RUNS, "cvsserver", "remote-ext", "remote-fd", "p4", "gui", "citool", "hook", "for-each-repo", "merge-index"],
      [
        RUNS,
        "maintenance start",
        "maintenance register",
        "fsmonitor--daemon",
        "help -w",
        "help --web",
        "--upload-pack",
      ],
      [RUNS, "--receive-pack", "--exec", "clone -u", "rebase -x", "grep -O", "--open-files-in-pager", "--ext-diff"],
      [RUNS, "--textconv", "--extcmd", "cat-file --filters"],
      [REWIRES, "clone -c", "clone --template", "init --template", "--separate-git-dir", "--exec-path", "--config-env"],
      [
        WRITES,
        "--output",
        "--output-directory",
        "archive -o",
        "format-patch -o",
        "bundle create",
        "checkout-index --prefix",
      ],
      [WRITES, "--export-marks", "fast-import", "interpret-trailers --in-place", "merge-file", "mailinfo", "mailsplit"],
      [WRITES, "bugreport", "diagnose"],
      [LISTS, "hash-object --stdin-paths", "cat-file --batch", "cat-file --batch-command"],
      [LISTS, "show --stdin", "log --stdin", "diff --stdin"],
      [REVEALS, "credential", "credential-*"],
    ],
    rg: [[RUNS, "--pre", "--hostname-bin", "-z"]],
    ag: [[RUNS, "--pager"]],
    ack: [
      [RUNS, "--pager"],
      [WRITES, "--output"],
      [REWIRES, "--ackrc"],
    ],
    bat: [
      [RUNS, "--pager"],
      [REWIRES, "--config-file"],
    ],
    fd: [[RUNS, "-x", "-X", "--exec", "--exec-batch"]],
    find: [
      [RUNS, "-exec", "-execdir", "-ok", "-okdir"],
      [WRITES, "-delete", "-fprint", "-fprint0", "-fprintf", "-fls"],
      [LISTS, "-files0-from"],
    ],
    tar: [
      [
        RUNS,
        "--to-command",
        "--checkpoint-action",
        "-I",
        "--rsh-command",
        "--rmt-command",
        "-F",
        "--new-volume-script",
      ],
      [WRITES, "-P", "--index-file", "--volno-file", "--listed-incremental", "-g"],
      [LISTS, "-T", "--files-from"],
      [DELETES, "--remove-files"],
    ],
    cpio: [
      [RUNS, "--rsh-command"],
      [WRITES, "-O", "--file"],
      [LISTS, "-o", "--create", "-p", "--pass-through"],
    ],
    zip: [
      [LISTS, "-@", "--names-stdin"],
      [DELETES, "-m", "--move"],
      [RUNS, "-TT", "--unzip-command"],
      [WRITES, "-O", "--output-file", "--logfile-path"],
    ],
    sort: [
      [RUNS, "--compress-program"],
      [WRITES, "-o"],
      [LISTS, "--files0-from"],
    ],
    wc: [[LISTS, "--files0-from"]],
    du: [[LISTS, "--files0-from"]],
    file: [[LISTS, "-f", "--files-from"]],
    install: [[RUNS, "--strip-program"]],
    split: [[RUNS, "--filter"]],
    less: [
      [RUNS, "+*"],
      [WRITES, "-o", "-O"],
      [REWIRES, "-k", "--lesskey-file", "--lesskey-src", "--lesskey-content"],
    ],
    more: [[RUNS, "+*"]],
    man: [
      [RUNS, "-P", "-H", "-X", "-Z"],
      [REWIRES, "-C"],
    ],
    tree: [[WRITES, "-o"]],
    ssh: [
      [REWIRES, "-F"],
      [RUNS, "-I"],
      [WRITES, "-E"],
    ],
    scp: [
      [RUNS, "-S", "-D"],
      [REWIRES, "-F"],
    ],
    sftp: [
      [RUNS, "-S", "-D", "-b"],
      [REWIRES, "-F"],
    ],
    rsync: [
      [RUNS, "-e", "--rsync-path", "-M", "--remote-option", "--daemon"],
      [WRITES, "--log-file", "--write-batch", "--only-write-batch", "--backup-dir"],
      [REWIRES, "--config", "--dparam"],
      [LISTS, "--files-from"],
      [DELETES, "--remove-source-files"],
    ],
    curl: [
      [
        WRITES,
        "-o",
        "-O",
        "--remote-name",
        "--remote-name-all",
        "--output-dir",
        "-c",
        "-D",
        "--trace",
        "--trace-ascii",
      ],
      [WRITES, "--stderr", "--libcurl", "--etag-save", "--hsts", "--alt-svc", "--ssl-sessions"],
      [REWIRES, "-K", "--engine"],
    ],
    wget: [
      [
        WRITES,
        "-O",
        "-o",
        "-a",
        "-P",
        "--save-cookies",
        "--warc-file",
        "--warc-dedup",
        "--hsts-file",
        "--rejected-log",
      ],
      [RUNS, "--use-askpass"],
      [REWIRES, "-e", "--config"],
      ["sends a file", "--post-file", "--body-file"],
    ],
    nc: [
      [RUNS, "-e", "-c", "--exec", "--sh-exec", "--lua-exec"],
      [WRITES, "-o", "--output"],
    ],
    tcpdump: [
      [RUNS, "-z"],
      [WRITES, "-w"],
    ],
    openssl: [
      [RUNS, "-engine", "-provider", "-provider-path"],
      [REWIRES, "-config"],
      [WRITES, "-out", "-writerand", "-keyout"],
    ],
    gcc: [
      [RUNS, "-wrapper", "-fplugin", "-B*"],
      [REWIRES, "-specs"],
    ],
    date: [["sets the clock", "-s", "--set"]],
    hg: [
      [RUNS, "-e", "--ssh", "--remotecmd", "extdiff", "bisect -c", "bisect --command", "serve"],
      [REWIRES, "--config", "--config-file"],
      [WRITES, "-o", "--output"],
    ],
    svn: [
      [RUNS, "--diff-cmd", "--diff3-cmd", "--editor-cmd"],
      [REWIRES, "--config-option", "--config-dir"],
    ],
    gh: [
      [RUNS, "alias", "extension", "ext", "codespace"],
      [REWIRES, "config set"],
      [REVEALS, "auth token", "auth status -t"],
    ],
    fzf: [[RUNS, "--preview", "--bind", "--listen", "--with-shell"]],
    sqlite3: [[RUNS, "-cmd", "-init", "-interactive"]],
    patch: [[WRITES, "-o", "--output", "-r", "--reject-file"]],
    yq: [[WRITES, "-i", "--inplace", "-s", "--split-exp"]],
    zstd: [[WRITES, "-o", "--output-dir-flat", "--output-dir-mirror"]],
    nmap: [
      [RUNS, "--script", "--interactive"],
      [WRITES, "-oN", "-oX", "-oS", "-oG", "-oA"],
      [REWIRES, "--datadir"],
    ],
  }),
);

/** Commands whose purpose is to run the command in their arguments. */
export interface Wrapper {
  /** Words of its own before the program, as the duration of `timeout`. */
  readonly words: number;
  /** Options that take the next argument as value. */
  readonly values: string;
  /** Runs something even without arguments, a shell for instance. */
  readonly always?: true;
}

const always: Wrapper = { words: 0, values: "", always: true };
const plain: Wrapper = { words: 0, values: "" };

/** `env` alone prints the environment and stays; `env git push` would be a `git push` that nobody decided. */
export const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map(
  Object.entries<Wrapper>({
    env: { words: 0, values: "-u --unset -C --chdir" },
    nice: { words: 0, values: "-n --adjustment" },
    ionice: { words: 0, values: "-c -n -p -P -u" },
    stdbuf: { words: 0, values: "-i -o -e" },
    timeout: { words: 1, values: "-k --kill-after -s --signal" },
    time: { words: 0, values: "-f --format" },
    xargs: { words: 0, values: "-a -d -E -I -L -n -P -s" },
    watch: { words: 0, values: "-n --interval" },
    flock: { words: 1, values: "-w -E" },
    chroot: { words: 1, values: "" },
    taskset: { words: 1, values: "" },
    chrt: { words: 1, values: "" },
    ...Object.fromEntries("nohup setsid strace ltrace rlwrap busybox toybox".split(" ").map((name) => [name, plain])),
    ...Object.fromEntries(
      "sudo doas su runuser pkexec setpriv unshare nsenter systemd-run run-parts start-stop-daemon dbus-run-session"
        .concat(" ssh-agent unbuffer fakeroot proot script parallel entr")
        .split(" ")
        .map((name) => [name, always]),
    ),
  }),
);
