from searchkit.extract.names.known import known_id, known_names


def test_the_names_of_a_body_with_its_acronym() -> None:
    assert {"BIS", "Bureau of Industry and Security"} <= set(known_names("agency:us-bis"))
    assert known_names("agency:us-bis") == tuple(sorted(known_names("agency:us-bis")))


def test_names_that_need_their_country_and_demonyms() -> None:
    assert "Ministry of Commerce" in known_names("agency:cn-mofcom")
    assert "Chinese" not in known_names("place:china")


def test_what_is_not_known() -> None:
    assert known_names("person:nadia-korbel") == ()
    assert known_id("agency", "Ostrava Trade Office") is None
    assert known_id("agency", "Bureau of Industry and Security") == "agency:us-bis"
