// TeX that stands in lines of its own, where a minus at a line's beginning is a minus and no list.

const forms = [
  { opening: /^\$\$/, closing: "$$" },
  { opening: /^\\\[/, closing: "\\]" },
  { opening: /^\\begin\{[a-z]+\*?\}/, closing: "\\end{" },
];

/** A function that says in which line the TeX ends that begins in a line; it says nothing where none begins there, or
 *  where it ends in that line, or not before the next blank one. */
export function mathEnds(lines) {
  // From the last line to the first: the next line that has the closing mark.
  const ends = forms.map(() => new Array(lines.length + 1));
  for (let number = lines.length - 1; number >= 0; number -= 1) {
    const line = lines[number];
    const isBlank = /^[\s>]*$/.test(line);
    forms.forEach(({ closing }, form) => {
      ends[form][number] = isBlank ? undefined : line.includes(closing) ? number : ends[form][number + 1];
    });
  }
  return (content, number) => {
    const form = forms.findIndex(({ opening }) => opening.test(content));
    if (form < 0) return undefined;
    const isEnvironment = form === 2;
    if (content.includes(forms[form].closing, isEnvironment ? 0 : 2)) return isEnvironment ? number : undefined;
    return ends[form][number + 1];
  };
}
