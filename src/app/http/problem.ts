import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** One broken rule of a request. */
export class BrokenRule {
  @ApiProperty({ example: 'timeframe' })
  readonly field!: string;
  @ApiProperty({ example: 'timeframe must be one of the following values: 24h, 7d, …' })
  readonly rule!: string;
  @ApiPropertyOptional({
    description: 'what came instead; left out when nothing did',
    type: 'object',
    additionalProperties: true,
  })
  readonly received?: unknown;
}

/** What every failed request answers: RFC 9457, `application/problem+json`. */
export class Problem {
  @ApiProperty({ example: 'about:blank' })
  readonly type!: string;
  @ApiProperty({ example: 'Bad Request' })
  readonly title!: string;
  @ApiProperty({ example: 400 })
  readonly status!: number;
  @ApiProperty({ example: 'The request breaks 1 rule' })
  readonly detail!: string;
  @ApiPropertyOptional({ type: [BrokenRule] })
  readonly errors?: readonly BrokenRule[];
}
