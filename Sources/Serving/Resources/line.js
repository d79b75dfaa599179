// A line as block structure reads it: from left to right, with tabs that reach to every fourth column.

export class Line {
  constructor(text) {
    this.text = text;
    this.offset = 0;
    this.column = 0;
    /** The columns that are left of a tab of which a part was read. */
    this.partOfTab = 0;
    this.look();
  }

  /** Finds what comes after the spaces. */
  look() {
    let [place, column] = [this.offset, this.column];
    if (this.partOfTab) { column += this.partOfTab; place += 1; }
    for (; place < this.text.length; place += 1) {
      if (this.text[place] === " ") column += 1;
      else if (this.text[place] === "\t") column += 4 - (column % 4);
      else break;
    }
    this.next = place;
    this.indent = column - this.column;
    this.isBlank = place >= this.text.length;
  }

  /** The character after the spaces. */
  get first() { return this.text[this.next] ?? ""; }
  /** What comes after the spaces. */
  get content() { return this.text.slice(this.next); }
  /** What was not read yet, spaces with it. */
  get rest() {
    return this.partOfTab ? " ".repeat(this.partOfTab) + this.text.slice(this.offset + 1) : this.text.slice(this.offset);
  }

  /** Reads so many columns of spaces, or as many as there are. */
  skipColumns(count) {
    for (let left = Math.min(count, this.indent); left > 0;) {
      const width = this.partOfTab || (this.text[this.offset] === "\t" ? 4 - (this.column % 4) : 1);
      const step = Math.min(width, left);
      this.column += step;
      left -= step;
      this.partOfTab = width - step;
      if (!this.partOfTab) this.offset += 1;
    }
    this.look();
  }

  /** Reads the spaces and so many characters after them. */
  skip(count = 0) {
    this.skipColumns(this.indent);
    this.offset += count;
    this.column += count;
    this.look();
  }
}
