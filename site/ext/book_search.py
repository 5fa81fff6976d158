"""Names with an umlaut or an accent are found as they are written on other keyboards, too: Koehler and Kohler."""

import unicodedata

from sphinx.search.en import SearchEnglish

SPELT_OUT = str.maketrans({letter: f"{bare}e" for letter, bare in zip("äöü", "aou", strict=True)})


class Search(SearchEnglish):
    def split(self, text):
        words = super().split(unicodedata.normalize("NFC", text))  # or a letter and its accent are two words
        for word in filter(lambda word: not word.isascii(), tuple(words)):
            bare = "".join(it for it in unicodedata.normalize("NFKD", word) if not unicodedata.combining(it))
            words += {word.lower().translate(SPELT_OUT), bare} - {word}
        return words


def setup(app):
    app.add_search_language(Search)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
