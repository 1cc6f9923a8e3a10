"""Swift source without its comments and without what stands in string literals.

What is cut out becomes spaces, line ends stay, so a place in the result is the same place in the file. Code inside an
interpolation, "\\(…)", stays: it is code.
"""


def code_only(text):
    """The code of a Swift file."""
    scanner = _Scanner(text)
    scanner.code(until_parenthesis=False)
    return "".join(scanner.out)


class _Scanner:
    def __init__(self, text):
        self.text = text
        self.place = 0
        self.out = []

    def code(self, until_parenthesis):
        """Copies code; inside an interpolation, up to the parenthesis that ends it."""
        depth = 0
        while self.place < len(self.text):
            if self.sees("//"):
                self.blank_until("\n")
            elif self.sees("/*"):
                self.comment()
            elif (literal := self.opening_of_string()) is not None:
                self.string(*literal)
            else:
                character = self.text[self.place]
                if until_parenthesis:
                    depth += {"(": 1, ")": -1}.get(character, 0)
                    if depth < 0:
                        return
                self.copy(1)

    def sees(self, token):
        return self.text.startswith(token, self.place)

    def copy(self, count):
        self.out.append(self.text[self.place : self.place + count])
        self.place += count

    def blank(self, count):
        cut = self.text[self.place : self.place + count]
        self.out.append("".join(c if c == "\n" else " " for c in cut))
        self.place += len(cut)

    def blank_until(self, token):
        end = self.text.find(token, self.place)
        self.blank((end if end >= 0 else len(self.text)) - self.place)

    def comment(self):
        """Swift's block comments nest."""
        depth = 0
        while self.place < len(self.text):
            if self.sees("/*"):
                depth += 1
                self.blank(2)
            elif self.sees("*/"):
                depth -= 1
                self.blank(2)
                if depth == 0:
                    return
            else:
                self.blank(1)

    def opening_of_string(self):
        """(number of #, whether of many lines) where a string literal begins."""
        hashes = 0
        while self.text[self.place + hashes : self.place + hashes + 1] == "#":
            hashes += 1
        quotes = self.place + hashes
        if not self.text.startswith('"', quotes):
            return None
        return hashes, self.text.startswith('"""', quotes)

    def string(self, hashes, many_lines):
        quote = '"""' if many_lines else '"'
        end = quote + "#" * hashes
        escape = "\\" + "#" * hashes
        self.copy(hashes + len(quote))
        while self.place < len(self.text):
            if self.sees(end):
                self.copy(len(end))
                return
            if self.sees("\n") and not many_lines:
                return  # not closed: the compiler will say so
            if self.sees(escape + "("):
                self.blank(len(escape))
                self.copy(1)
                self.code(until_parenthesis=True)
                self.copy(1)
            elif self.sees(escape):
                self.blank(len(escape) + 1)
            else:
                self.blank(1)
