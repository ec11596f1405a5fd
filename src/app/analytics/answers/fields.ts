import { ApiProperty } from '@nestjs/swagger';

/** A number that is `null` where no run in the window says it. */
export function Figure(description: string): PropertyDecorator {
  return ApiProperty({
    type: Number,
    nullable: true,
    description: `${description}; null when no run in the window says it`,
  });
}

/** An instant, `null` where it is not known. */
export function Instant(description: string): PropertyDecorator {
  return ApiProperty({ type: String, format: 'date-time', nullable: true, description });
}
