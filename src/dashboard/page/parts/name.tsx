import type { JSX } from 'preact';

/** A key, tag or template: it may be broken after a colon. */
export function Name({ children }: { children: string }): JSX.Element {
  const [first = '', ...rest] = children.split(':');
  return (
    <code class="name">
      {first}
      {rest.map((segment, i) => (
        <span key={i}>
          :<wbr />
          {segment}
        </span>
      ))}
    </code>
  );
}
