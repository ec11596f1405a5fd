/** Something that the person who started the process can mend: the message says how, a stack would only be in the way. */
export class OperatorError extends Error {
  override readonly name: string = this.constructor.name;
}
