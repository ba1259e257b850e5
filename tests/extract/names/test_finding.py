"""Names found in invented texts: kinds, canonical names, ids, what is no name, and what odd text may not do."""

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.document import Article, Mention, MentionKind
from searchkit.extract.certainty import NAME_RULES
from searchkit.extract.names import finding as names
from searchkit.text import normalize, paragraphs


def find(text: str) -> tuple[Mention, ...]:
    return names.find(Article(uri="file:names.txt", text=text, paragraphs=paragraphs(text)))


def ids(text: str) -> list[str]:
    return [mention.entity_id for mention in find(text)]


def by_surface(text: str) -> dict[str, Mention]:
    return {mention.surface: mention for mention in find(text)}


@pytest.mark.parametrize(
    "text",
    [
        "The government said so. After police came, the Ministry answered.",
        "Are these products safe? Internet of Things devices are not.",
        "Chinese and American firms met on Monday, December 15.",
        "However, Things changed. Police Officers came.",
        "nothing here has a capital letter, not even china",
        "",
        "The Government and the Council met.",
        "Then IS that so?",
        "Rebel fighters left.",
        "The Islamic party left.",
        "The First Division went on.",
        "Demonstrators said so.",
        "They drove an SUV with GPS there.",
        "They saw <VDR> and DMK 26.13 there.",
        "On May 12.",
        "They said so: “That is all.” He also noted it.",
        "新疆维吾尔自治区政府发言人徐贵相说。",
        "Представитель правительства сказал это.",
    ],
)
def test_plain_words_are_not_names(text: str) -> None:
    assert ids(text) == []


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("Then NATO Secretary-General Jana Velebit left.", ["NATO", "Jana Velebit"]),
        ("Then Under Secretary of Commerce for Industry and Security Jana Velebit left.", ["Jana Velebit"]),
        ("Then the President of France left.", ["France"]),
        ("Then Vice Premier He Lanting left.", ["He Lanting"]),
        ("Then Deputy Commerce Secretary Jana Velebit met Prime Minister Igor Malt.", ["Jana Velebit", "Igor Malt"]),
        ("It was Nadia Korbel's and China’s turn.", ["Nadia Korbel", "China"]),
        ("The Tianjin-based firm and U.S.-led talks", ["Tianjin", "U.S."]),
        ("They met at the Center for Rivers and Peace there.", ["Center for Rivers and Peace"]),
    ],
)
def test_where_names_begin_and_end(text: str, surfaces: list[str]) -> None:
    assert [mention.surface for mention in find(text)] == surfaces


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("He sued Veldora Holdings Co., Ltd. on Monday.", ["company:veldora-holdings"]),
        ("The list names Korbel & Malt Inc. as owner.", ["company:korbel-malt"]),
        ("Experts of the University of Ostrava agreed.", ["organisation:university-of-ostrava"]),
        ("It broke the Open Harbors Act again.", ["law:open-harbors-act"]),
        ("They were put on the Entity List then.", ["list:us-bis-entity-list"]),
        ("It was against Uighurs and Uygurs there.", ["group:uyghurs"] * 2),
        ("It was the Commerce Department's Bureau of Industry and Security that asked.", ["agency:us-bis"]),
        ("It was BIS that asked.", ["agency:us-bis"]),
        ("It was the U.S. Bureau of Industry and Security that asked.", ["agency:us-bis", "place:united-states"]),
        ("The Xinjiang regional government asked.", ["agency:cn-xinjiang-government", "place:xinjiang"]),
        ("It was the Chinese Foreign Ministry that asked.", ["agency:cn-mfa"]),
        ("It was China's Ministry of Foreign Affairs that asked.", ["place:china", "agency:cn-mfa"]),
        ("The Ministry of Foreign Affairs of China asked.", ["agency:cn-mfa", "place:china"]),
        ("It was the Chinese Ministry of Commerce that asked.", ["agency:cn-mofcom"]),
        ("It was the Russian defence ministry that asked.", ["agency:ru-defense"]),
        ("It was the Government of Norway that asked.", ["agency:no-government", "place:norway"]),
        ("It was Norway's health ministry that asked.", ["agency:no-health-ministry", "place:norway"]),
        ("The Norwegian Health Ministry asked. Later the Health Ministry left.", ["agency:no-health-ministry"] * 2),
        ("In Beijing the Ministry of Commerce met. China left.", ["place:beijing", "agency:cn-mofcom", "place:china"]),
        ("It was the FSB that asked.", ["agency:ru-fsb"]),
        ("The Financial Stability Board met. Then the FSB left.", ["agency:fsb-financial-stability"] * 2),
        ("In Iraq they met the ISF then.", ["place:iraq", "agency:iq-isf"]),
        ("In Syria they met the SDF then.", ["place:syria", "organisation:syrian-democratic-forces"]),
        ("In Iraq and in Lebanon they met the ISF.", ["place:iraq", "place:lebanon", "agency:isf"]),
        ("It was the ISF that asked.", ["agency:isf"]),
        ("The Veldora Harbor Authority (VHA) objected. The VHA left.", ["agency:veldora-harbor-authority"] * 3),
        ("The Brno Ice Society (BIS) objected. But BIS has no ships.", ["organisation:brno-ice-society"] * 3),
        ("The Veldora Harbor Authority met. They said the Authority left.", ["agency:veldora-harbor-authority"] * 2),
        ("It bought CPC Pumpwerk Inc. last year. Then CPC rose.", ["company:cpc-pumpwerk"] * 2),
        ("Oltrane Thermik met them. Later Oltrane said it would close.", ["company:oltrane-thermik"] * 2),
        ("Shares of Veldora Technologies fell. We like Veldora.", ["company:veldora-technologies"] * 2),
        ("They saw the Ostrava Sharks there. Then the Sharks left.", ["organisation:ostrava-sharks"] * 2),
        ("We met Nadir al-Ostrini. Then Al-Ostrini and Ostrini spoke.", ["person:nadir-al-ostrini"] * 3),
        ("We met Greta von der Ostrau. Tomorrow, Von der Ostrau leaves.", ["person:greta-von-der-ostrau"] * 2),
        ("We saw Jana R. Velebit Jr. here. Then Velebit left.", ["person:jana-velebit"] * 2),
        ("Zhu Lanting met Nadia Korbel. Zhu left. Korbel came.", ["person:zhu-lanting", "person:nadia-korbel"] * 2),
        ("We met Oskar Jordan there. Then Jordan left.", ["person:oskar-jordan"] * 2),
        ("We met Oskar Jordan. We flew to Amman, in Jordan.", ["person:oskar-jordan", "place:amman", "place:jordan"]),
        ("KUALA LUMPUR, Malaysia - It rained.", ["place:kuala-lumpur", "place:malaysia"]),
        ("Then Ostrin police came.", ["agency:ostrin-police"]),
        ("They asked the Ostrin Bay city council.", ["agency:ostrin-bay-city-council"]),
        ("They asked the E.P.A. there.", ["agency:us-epa"]),
        ("They asked General Pumpwerk Corp. there.", ["company:general-pumpwerk"]),
        ("They asked Korbel and Sons Inc. there.", ["company:korbel-and-sons"]),
        ("They read the Ostrin Ledger-Post there.", ["organisation:ostrin-ledger-post"]),
        ("Die Sprecherin sagte, China habe recht.", ["other:sprecherin", "place:china"]),
    ],
)
def test_entities(text: str, entities: list[str]) -> None:
    assert ids(normalize(text)) == entities


@pytest.mark.parametrize(
    ("text", "surface", "kind"),
    [
        ("Then Wadi Ostrin fell.", "Wadi Ostrin", "place"),
        ("They held Ostrin district, then left.", "Ostrin", "place"),
        ("They fled Ostrin, Velka and Brno.", "Ostrin", "place"),
        ("They joined the Army of Ostrins there.", "Army of Ostrins", "agency"),
        ("They shelled the Ostrin Velka air base.", "Ostrin Velka", "place"),
        ("They fled the village of Ostrin Velka.", "Ostrin Velka", "place"),
        ("They went north of Ostrin Velka.", "Ostrin Velka", "place"),
        ("They joined the Ostrin network there.", "Ostrin", "organisation"),
        ("They joined Liwa al-Ostrin there.", "Liwa al-Ostrin", "organisation"),
        ("They met the 51st Brigade there.", "51st Brigade", "agency"),
        ("They met the Ostrin Armored Division there.", "Ostrin Armored Division", "agency"),
        ("They read of Operation Open Harbor there.", "Operation Open Harbor", "other"),
        ("They joined the Ostrin Farmers' Party there.", "Ostrin Farmers' Party", "organisation"),
        ("They saw Al Nusra and an-Nusra there.", "Al Nusra", "organisation"),
        ("They saw the Kata'ib Ostrin there.", "Kata'ib Ostrin", "organisation"),
        ("They speak of Clean Energy there.", "Clean Energy", "other"),
        ("They took the Evergreen Line there.", "Evergreen Line", "other"),
        ("It is in a report titled “Counted Twice,” they say.", "Counted Twice", "other"),
    ],
)
def test_words_near_a_name_or_in_it_show_its_kind(text: str, surface: str, kind: str) -> None:
    assert by_surface(text)[surface].kind == kind


def test_city_that_plays_is_a_team_in_a_report_of_a_match_only() -> None:
    text = "The striker scored two goals as Ostrava beat Brno in the league match. It was dry in Ostrava."
    assert [mention.kind for mention in find(text)] == ["organisation", "organisation", "place"]
    assert {mention.kind for mention in find("They say that Ostrava beat Brno in the census.")} == {"place"}


def test_capitals_give_little_certainty() -> None:
    text = "NADIA KORBEL LEAVES CHINA AMID BIG UPROAR\n\nIt was Nadia Korbel who left."
    found = find(text)
    assert [mention.entity_id for mention in found] == ["person:nadia-korbel", "place:china", "person:nadia-korbel"]
    assert max(mention.confidence for mention in found[:2]) <= 0.5 < found[2].confidence


def test_phrase_that_implies_a_list_needs_the_country() -> None:
    assert ids("It went on the export blacklist.") == []
    found = find("The U.S. put it on the export blacklist.")
    assert (found[-1].entity_id, found[-1].rule) == ("list:us-bis-entity-list", "inferred-alias")
    assert found[-1].confidence < 0.5


_PIECES = st.sampled_from(
    [
        *"The|U.S.|government|Xu|Guixiang|of|and|Ministry|Commerce|President|Co.,|Ltd.|\n|\n\n|.|,|’s|(BIS)|Bureau|de".split(
            "|"
        ),
        *"Bank|England|Chinese|NEW|YORK|İstanbul|ß|J.|-led|'s|Act|List|Jordan|Mr.|AT&T|Foreign Ministry|ǅ|ΣΑΣ|“".split(
            "|"
        ),
        *"export blacklist|Kim|Jae-in|Uyghur|Technologies|said|lawyer|, 45,".split("|"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=30), st.sampled_from(["", " "]))
def test_spans_slice_and_only_places_nest(pieces: list[str], glue: str) -> None:
    text = normalize(glue.join(pieces))
    found = find(text)
    assert all(mention.span.of(text) == mention.surface != "" for mention in found)
    order = [(mention.span.start, -mention.span.end) for mention in found]
    assert order == sorted(set(order))
    assert all(
        mention.kind in get_args(MentionKind) and mention.rule in {*NAME_RULES, "inside-body"} for mention in found
    )
    outer = [mention for mention in found if mention.rule != "inside-body"]
    assert all(left.span.end <= right.span.start for left, right in pairwise(outer))
    assert all(mention.kind == "place" for mention in found if mention.rule == "inside-body")


def test_a_line_end_does_not_separate_a_name() -> None:
    text = (
        "It was said on that day that the spokesperson Nadia\nKorbel had left the building in a hurry and that the\n"
        "office would close for the rest of the month.\n"
    )
    assert "person:nadia-korbel" in ids(normalize(text))
