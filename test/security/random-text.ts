import type { Chance } from '../coherence/chance.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const WORD = `${LETTERS}0123456789_-.`;

/** What looks like a letter and is none, what means something to a glob, a shell, a protocol or a regular expression. */
const INTRUDERS = [
  ...Array.from('*?[]{}\\^$()|+~`!@#%&=,;<>/\'" \t\r\n\0\u007f\u0080\u00a0'),
  ...['é', 'K', 'ſ', 'ａ', 'К', '0\u0301', '\u200b', '\u2028', '\ufeff', '\ud800', '\udfff', '😀', '\r\n', '\u202e'],
];

const SPECIAL = [
  ...[
    '',
    ' ',
    '.',
    '..',
    '-',
    '_',
    ':',
    '::',
    ':a',
    'a:',
    'a::b',
    'a\n',
    '\na',
    'a\0',
    '*',
    '?',
    '[a]',
    'a*',
    '{a}',
    '}',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'undefined', 'null', 'NaN', '[object Object]', '-1', '1e3'],
  ...['k,EX,1', "k','EX','1", '*3\r\n$3\r\nSET\r\n', '../../etc/passwd', '%2a', '\\*', '\\u002a', '~user:*', '#sweep'],
];

/** Lengths on both sides of every limit. */
const LENGTHS = [0, 1, 2, 3, 5, 8, 13, 21, 64, 128, 254, 255, 256, 257, 258, 300, 512];

function lengthOf(chance: Chance): number {
  return chance.fraction() < 0.7 ? 1 + chance.below(24) : chance.pick(LENGTHS);
}

function textOf(alphabet: string, length: number, chance: Chance): string {
  let text = '';
  for (let i = 0; i < length; i += 1) text += alphabet[chance.below(alphabet.length)] as string;
  return text;
}

/** A word that may stand between two colons. */
export function randomWord(chance: Chance, longest = 12): string {
  return textOf(WORD, 1 + chance.below(longest), chance);
}

/** Text from anywhere: well-formed, well-formed but for one character, of the wrong length, or nothing of the kind. */
export function randomText(chance: Chance): string {
  const dice = chance.fraction();
  if (dice < 0.3) return textOf(WORD, lengthOf(chance), chance);
  if (dice < 0.55) return textOf(`${WORD}:`, lengthOf(chance), chance);
  if (dice < 0.85) return withIntruder(textOf(`${WORD}:`, lengthOf(chance), chance), chance);
  if (dice < 0.95)
    return Array.from({ length: 1 + chance.below(8) }, () => chance.below(0x1_0000))
      .map(letter)
      .join('');
  return chance.pick(SPECIAL);
}

function withIntruder(text: string, chance: Chance): string {
  const at = chance.below(text.length + 1);
  return text.slice(0, at) + chance.pick(INTRUDERS) + text.slice(at + chance.below(2));
}

function letter(code: number): string {
  return String.fromCharCode(code);
}
