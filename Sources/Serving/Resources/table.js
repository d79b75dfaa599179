// Rows of tables as GFM writes them.

/** The cells of a row. A pipe that a backslash stands before is a pipe. */
export function cells(row) {
  const parts = [];
  let cell = "";
  const text = row.trim();
  for (let place = text[0] === "|" ? 1 : 0; place < text.length; place += 1) {
    if (text[place] === "\\" && place + 1 < text.length) {
      cell += text[place + 1] === "|" ? "|" : text.slice(place, place + 2);
      place += 1;
    } else if (text[place] === "|") {
      parts.push(cell.trim());
      cell = "";
    } else {
      cell += text[place];
    }
  }
  if (!text.endsWith("|") || text.endsWith("\\|") || text === "|") parts.push(cell.trim());
  return parts;
}

/** The sides of columns that the line under a table's head gives; nothing where it is no such line. */
export function columns(line) {
  const sides = cells(line).map((cell) => (/^:?-+:?$/.test(cell) ? `${cell[0] === ":" ? "l" : ""}${cell.endsWith(":") ? "r" : ""}` : null));
  if (!sides.length || sides.includes(null)) return null;
  return sides.map((side) => ({ lr: "middle", r: "end" })[side] ?? "");
}
