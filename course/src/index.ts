export {
  CourseFileError,
  type CoursePart,
  courseFileOf,
  loadPart,
  type Show,
  type Step,
  showOf,
  type WrittenFile,
} from './course-file.ts';
export { citedRules, rulesOfTestFile, statedRules } from './rules.ts';
export { type Stub, stubErrorStart, stubSource } from './stubs.ts';
