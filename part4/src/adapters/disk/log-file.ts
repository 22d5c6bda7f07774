/** A log from which updates can be read: all from `seq` on that it has, at byte `offset`. */
export interface LogFile {
  readonly number: number;
  readonly seq: number;
  readonly offset: number;
}
