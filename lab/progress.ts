/** Told about each step, in one line. */
export type Progress = (line: string) => void;
