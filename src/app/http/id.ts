import { Matches } from 'class-validator';

/** The longest id. Two of them fit into one cache key beside its words. */
export const LONGEST_ID = 100;

/** The alphabet of ids: what a segment of a cache key may hold. */
const ID = /^[a-zA-Z0-9_.-]{1,100}$/;

/** An id of a run, agent, user or workspace. */
export function IsId(): PropertyDecorator {
  return Matches(ID, { message: `$property must be 1 to ${LONGEST_ID} characters of a-z A-Z 0-9 _ . -` });
}
