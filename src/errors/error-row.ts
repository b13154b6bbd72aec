/** One row of the table. */
export interface ErrorRow {
  status: number;
  title: string;
  remedy: string;
  /** The problem type, where a registry has one; ours otherwise. */
  type?: string;
}
