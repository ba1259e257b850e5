"""Encodings that nothing states, told by the words that the bytes make in them."""

import os
import time

import pytest

from searchkit.parse.encoding import decode
from searchkit.parse.encoding_detection import guess_encoding

TEXTS = {
    "Japanese": (
        "港のクレーンは月曜日に止まったと、広報担当のナディアは述べた。理由は分かっていない。",
        "cp932 euc_jp iso2022_jp",
    ),
    "Korean": (
        "항구의 크레인이 월요일에 멈췄다고 대변인이 말했다. 이유는 아직 알려지지 않았다.",
        "cp949 euc_kr",
    ),
    "Chinese": (
        "港口的起重机星期一停了，发言人娜迪亚说，现在还没有人知道原因。",
        "gb18030 gbk",
    ),
    "Chinese of old signs": (
        "港口的起重機星期一停了，發言人娜迪亞說，現在還沒有人知道原因。",
        "big5",
    ),
    "Polish": (
        "Żuraw w porcie stanął w poniedziałek, powiedziała rzeczniczka. Nikt nie wie, dlaczego się zepsuł.",
        "cp1250 iso8859-2",
    ),
    "Czech": (
        "Jeřáb v přístavu se v pondělí zastavil, řekla mluvčí. Nikdo zatím neví, co bylo příčinou.",
        "cp1250 iso8859-2",
    ),
    "Hungarian": (
        "A kikötő daruja hétfőn leállt, közölte a szóvivő. Az okát egyelőre senki sem tudja, és a gépet őrzik.",
        "cp1250 iso8859-2",
    ),
    "Croatian": (
        "Dizalica je u ponedjeljak stala, rekla je glasnogovornica. Još se ne zna što će učiniti radnici noćne smjene.",
        "cp1250 iso8859-2",
    ),
    "Romanian": (
        "Macaraua s-a oprit luni, a declarat purtătoarea de cuvânt, şi nimeni nu ştie încă din ce cauză.",
        "cp1250 iso8859-2",
    ),
    "Russian": (
        "Кран в порту остановился в понедельник, сообщила представитель порта. Причина пока неизвестна.",
        "cp1251 koi8-r iso8859-5 cp866",
    ),
    "Ukrainian": (
        "Кран у порту зупинився в понеділок, повідомила речниця. Її слова підтвердили двоє свідків.",
        "cp1251 koi8-u",
    ),
    "Greek": (
        "Ο γερανός του λιμανιού σταμάτησε τη Δευτέρα, είπε η εκπρόσωπος. Άλλοι δεν ξέρουν το γιατί.",
        "cp1253 iso8859-7",
    ),
    "Turkish": (
        "Limandaki vinç pazartesi günü durdu, dedi sözcü. Nedenini henüz hiç kimse bilmiyor, işçiler de şaşkın.",
        "cp1254",
    ),
    "Hebrew": (
        "המנוף בנמל נעצר ביום שני, אמרה הדוברת. איש אינו יודע מדוע הוא נעצר.",
        "cp1255",
    ),
    "Arabic": (
        "توقفت رافعة الميناء يوم الاثنين، كما قالت المتحدثة، ولا أحد يعرف السبب حتى الآن.",
        "cp1256",
    ),
    "Thai": (
        "เครนของท่าเรือหยุดทำงานเมื่อวันจันทร์ โฆษกกล่าว และยังไม่มีใครรู้สาเหตุ",
        "cp874",
    ),
    "Lithuanian": (
        "Uosto kranas pirmadienį sustojo, pranešė atstovė. Niekas dar nežino, kodėl jis neveikia, sakė žmonės.",
        "cp1257",
    ),
    "Latvian": (
        "Ostas celtnis pirmdien apstājās, paziņoja pārstāve. Neviens vēl nezina, kāpēc tas notika šajā naktī.",
        "cp1257",
    ),
    "German": (
        "Der Kran blieb am Montag stehen, erklärte die Sprecherin. Die Prüfer zählen noch, größere Schäden fehlen.",
        "cp1252",
    ),
    "French": (
        "La grue s’est arrêtée lundi, a déclaré la porte-parole. Où est l’erreur ? Personne ne le sait à cette heure.",
        "cp1252",
    ),
    "Spanish": (
        "La grúa se paró el lunes, dijo la portavoz. ¿Por qué? Nadie lo sabe todavía, señaló el nº 2 del puerto.",
        "cp1252",
    ),
    "Danish": (
        "Kranen gik i stå mandag, sagde talskvinden. Ingen ved endnu hvorfor, og søfolkene må vente på bølgerne.",
        "cp1252",
    ),
    "English": (
        "“The crane will move again,” she said — at a cost of £3m, or ½ of what was paid for José’s café.",
        "cp1252",
    ),
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_is_read_in_the_encoding_that_makes_words_of_it(language: str) -> None:
    text, codecs = TEXTS[language]
    for codec in codecs.split():
        written = text.encode(codec)
        decoded = decode(written)
        assert decoded.text == text, (codec, decoded)
        if codec != "iso2022_jp":  # which says so itself
            assert decoded.notes == (f"encoding: guessed as {decoded.encoding}",)
        page = b"<html><body>" + b"<p>The crane.</p>" * 4_000 + b"<p>" + written + b"</p></body></html>"
        assert text in decode(page, markup=True).text
        damaged = decode(written * 20 + b"\xff. Words.")
        assert damaged.text.startswith(text * 20), "a broken sign at the end changes nothing"


def test_a_cut_in_the_middle_of_a_sign_is_none_of_its_text() -> None:
    for language in ("Japanese", "Korean", "Chinese", "Chinese of old signs"):
        text, codecs = TEXTS[language]
        codec = codecs.split()[0]
        whole = (text * 4).encode(codec)
        for end in (101, 102, 103):
            found = guess_encoding(whole[:end])
            assert found is not None
            assert whole.decode(found) == text * 4


def test_what_are_no_words_is_not_guessed_to_be_some() -> None:
    assert guess_encoding("“Quite so” — and £5".encode("cp1252")) == "cp1252"
    assert guess_encoding(bytes(range(0x80, 0x100)) * 20) is None
    assert decode(bytes(range(0x80, 0x100)) * 20).notes[0].startswith("encoding: guessed")


@pytest.mark.slow
def test_a_guess_takes_little_time() -> None:
    started = time.process_time()
    for body in (*(text.encode(codecs.split()[0]) * 2_000 for text, codecs in TEXTS.values()), os.urandom(200_000)):
        decode(body)
    assert time.process_time() - started < 10
