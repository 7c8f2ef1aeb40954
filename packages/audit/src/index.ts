export type { AnswerLine } from "./answer-lines.ts";
export {
  AnswersFile,
  answersKey,
  answersPath,
  isAlive,
  isRunName,
  openAnswersDirectory,
  ownerLine,
  readAnswers,
  removeAnswers,
  runsWithAnswers,
  takeAnswers,
} from "./answers-file.ts";
export { sha256 } from "./chain.ts";
export { HeldLines } from "./held-lines.ts";
export type { StoredRecord } from "./record.ts";
export { recoverSegment } from "./recover.ts";
export { Segment } from "./segment.ts";
export { createSegmentFile, openRecordDirectory, readSegmentFile, segmentPath } from "./storage.ts";
export { ulid } from "./ulid.ts";
export { type SegmentVerdict, verifySegment, walkSegment } from "./verify.ts";
