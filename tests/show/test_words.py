"""An index's own words go before the language's, and the language's before the message."""

from __future__ import annotations

import pytest

from par_analysis.model import LANGUAGES, Language
from par_analysis.show.language import Words

COUNTED = ("Nothing was found on domain {numbers}.", "Nothing was found on domains {numbers}.")


@pytest.mark.parametrize(
    ("lang", "index", "said"),
    [
        ("vi", "", "Lĩnh vực"),
        ("vi", "par_index", "Lĩnh vực"),
        ("vi", "papi", "Chỉ số nội dung"),
        ("en", "par_index", "Domain"),
        ("en", "papi", "Dimension"),
    ],
)
def test_an_index_says_a_message_in_its_own_words(lang: Language, index: str, said: str) -> None:
    assert Words(lang, index=index).say("Domain") == said


@pytest.mark.parametrize(("number", "said"), [(1, "Nothing was found on dimension {numbers}."), (2, "Nothing was found on dimensions {numbers}.")])
def test_an_index_counts_in_its_own_words(number: int, said: str) -> None:
    assert Words("en", index="papi").count(*COUNTED, number) == said
    assert Words("en").count(*COUNTED, number) == COUNTED[number - 1]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("index", ["papi", "sipas", "unheard", "../papi"])
def test_what_an_index_has_no_words_for_is_said_in_the_common_ones(lang: Language, index: str) -> None:
    words, common = Words(lang, index=index), Words(lang)
    assert words.say("Score") == common.say("Score")
    assert words.count("{n} place", "{n} places", 2) == common.count("{n} place", "{n} places", 2)
    assert words.say("A message that nobody translated.") == "A message that nobody translated."
