/** A duration or an instant in milliseconds; instants count from the Unix epoch. */
export type Milliseconds = number;

/** A duration in seconds, the unit of every TTL that users write. */
export type Seconds = number;
