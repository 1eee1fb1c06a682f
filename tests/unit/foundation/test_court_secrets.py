"""Ids of persons under a court's secret."""

from libs.foundation.court_secrets import CourtSecrets

SECRETS = CourtSecrets("master", {"京0107": "its own"})


def test_a_name_beside_a_party_is_one_id_however_often_it_is_asked() -> None:
    assert SECRETS.named_beside("云0381", "party_1", "王五") == SECRETS.named_beside("云0381", "party_1", "王五")


def test_one_name_in_two_courts_or_beside_two_parties_is_two_people() -> None:
    places = [("云0381", "party_1"), ("云0381", "party_2"), ("京0107", "party_1")]
    assert len({SECRETS.named_beside(court, party, "王五") for court, party in places}) == len(places)


def test_who_does_not_have_the_secret_cannot_tell_the_id_from_the_name() -> None:
    other = CourtSecrets("another master", {})
    assert SECRETS.named_beside("云0381", "party_1", "王五") != other.named_beside("云0381", "party_1", "王五")
