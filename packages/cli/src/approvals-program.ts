/** `agent-run approvals` and `agent-run keys`: their options and their help. */
import type { Command } from "commander";
import { type AnswerOptions, answerCommand, listCommand, pendingCommand, revokeCommand } from "./commands/approvals.ts";
import { listKeysCommand, newKeyCommand, showKeyCommand } from "./commands/keys.ts";
import { example, exits, type OutputOptions, withJson } from "./options.ts";

type Done = (exitCode: number) => void;

export function addApprovals(program: Command, done: Done): void {
  const approvals = program
    .command("approvals")
    .description("answer what runs ask, and look at answers that were kept")
    .addHelpText("after", example("agent-run approvals pending", "agent-run approvals approve 3f9a"));
  withJson(approvals.command("pending").description("list the questions that runs of yours wait with"))
    .addHelpText("after", example("agent-run approvals pending"))
    .addHelpText("after", exits({ 0: "they were listed; there may be none" }))
    .action(async (options: OutputOptions) => done(pendingCommand(options)));
  addAnswers(approvals, done);
  withJson(approvals.command("list").description("list the rules that were saved as answers"))
    .addHelpText("after", example("agent-run approvals list"))
    .addHelpText("after", exits({ 0: "they were listed; there may be none" }))
    .action(async (options: OutputOptions) => done(listCommand(options)));
  withJson(approvals.command("revoke").description("take a saved rule back").argument("<id>", "as `list` shows it"))
    .addHelpText("after", example("agent-run approvals revoke 5be1c0ffee12"))
    .addHelpText("after", exits({ 0: "it answers nothing any more", 5: "there is no such rule" }))
    .action(async (id: string, options: OutputOptions) => done(revokeCommand(id, options)));
  addKeys(program, done);
}

function addAnswers(approvals: Command, done: Done): void {
  const answering = (name: "approve" | "deny", says: string) =>
    withJson(approvals.command(name).description(says).argument("<id>", "the first characters that `pending` shows"))
      .option("--key <file>", "answer by the signature of this key instead of at the terminal")
      .option("--comment <text>", "for the record, and for the script if the answer is no");
  answering("approve", "let one call happen: a typed word at the terminal, or a signature")
    .option("--run", "the same call for the rest of its run, too")
    .option("--for <time>", "the same call for so long, as 30m or 2h")
    .option("--save", "the same call until it is revoked, as a saved rule")
    .option("--any-size", "with --save or --for: the same place, whatever the number of bytes")
    .addHelpText(
      "after",
      example(
        "agent-run approvals approve 3f9a",
        "agent-run approvals approve 3f9a --key ~/.config/agent-run/keys/alice.pem",
        "agent-run approvals approve 3f9a --save --any-size",
      ),
    )
    .addHelpText("after", ANSWER_EXITS)
    .action(async (id: string, options: AnswerOptions) => done(await answerCommand("allow", id, options)));
  answering("deny", "refuse one call")
    .addHelpText("after", example('agent-run approvals deny 3f9a --comment "not before the release"'))
    .addHelpText("after", ANSWER_EXITS)
    .action(async (id: string, options: AnswerOptions) => done(await answerCommand("deny", id, options)));
}

const ANSWER_EXITS = exits({
  0: "the run has the answer; its record says what came of it",
  4: "no answer was given: another word, no terminal, or settled meanwhile",
  5: "there is no such question, or the key can not be used",
});

function addKeys(program: Command, done: Done): void {
  const keys = program
    .command("keys")
    .description("keys of approvers, for `[approvals.approvers]` of a policy")
    .addHelpText("after", example("agent-run keys new alice"));
  withJson(keys.command("new").description("make a key").argument("<name>", "whose it is"))
    .addHelpText("after", example("agent-run keys new alice"))
    .addHelpText("after", exits({ 0: "it was made", 5: "there is one of this name, or it can not be written" }))
    .action(async (name: string, options: OutputOptions) => done(newKeyCommand(name, options)));
  withJson(keys.command("show").description("print the line for a policy").argument("<name>", "whose it is"))
    .addHelpText("after", example("agent-run keys show alice"))
    .addHelpText("after", exits({ 0: "it was printed", 5: "there is none of this name, or it can not be read" }))
    .action(async (name: string, options: OutputOptions) => done(showKeyCommand(name, options)));
  withJson(keys.command("list").description("list the keys of this user"))
    .addHelpText("after", example("agent-run keys list"))
    .addHelpText("after", exits({ 0: "they were listed; there may be none" }))
    .action(async (options: OutputOptions) => done(listKeysCommand(options)));
}
