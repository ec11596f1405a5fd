import { ApiProperty } from '@nestjs/swagger';
import type { RunChanges } from './run-changes.js';

/** Whose cached answers were invalidated, each named once. */
export class ChangedAnswer implements RunChanges {
  @ApiProperty({ type: [String] })
  readonly agents!: readonly string[];
  @ApiProperty({ type: [String] })
  readonly users!: readonly string[];
  @ApiProperty({ type: [String] })
  readonly workspaces!: readonly string[];
  @ApiProperty({ type: [String] })
  readonly metrics!: readonly string[];
}

/** What a recording did. */
export class RecordedAnswer {
  @ApiProperty()
  readonly recorded!: number;
  @ApiProperty({ type: [String], description: 'in the order of the request' })
  readonly runIds!: readonly string[];
  @ApiProperty()
  readonly changed!: ChangedAnswer;
}
