"""What the scorers decide, against prompts, rouge-score, sacrebleu and the example of ALCE."""

from __future__ import annotations

import itertools

import msgspec

from benchmarks.scorers.prompts import PROMPTS
from goldworks.demo.knowledge import passages
from goldworks.evaluation.answers import Answer
from goldworks.evaluation.scorers import SCORERS
from goldworks.evaluation.scorers.citations import count
from goldworks.evaluation.scorers.citing import cited_sentences
from goldworks.evaluation.scorers.passages import Passage
from goldworks.golden.case import Case, CaseMessage, Expected, Instruction

PAIRS = 3000


def case_of(**expected: object) -> Case:
    """A case of nothing but what is expected."""
    message = CaseMessage("user", "?")
    made = msgspec.convert(expected, Expected) if expected else Expected()
    return Case(case_id="c", use_case="u", tier="T2", origin="authored", messages=(message,), expected=made)


def text_pairs() -> list[tuple[str, str]]:
    """Pairs of sentences of the sample company's pages, alike and not."""
    sentences = [sentence for passage in passages() for sentence in passage.sentences]
    found = itertools.combinations(sentences, 2)
    return list(itertools.islice(found, 0, None, max(1, len(sentences) * (len(sentences) - 1) // 2 // PAIRS)))[:PAIRS]


def instructions() -> bool:
    """Each kind: an answer that follows, one that does not, one that only loose reading accepts."""
    modes = {mode: SCORERS["instructions"](SCORERS["instructions"].Settings(mode=mode)) for mode in ("strict", "loose")}  # type: ignore[call-arg]
    right = wanted = 0
    for prompt in PROMPTS:
        case = case_of(instructions=[msgspec.to_builtins(Instruction(prompt.kind, prompt.settings))])
        answers = [(prompt.followed, (1.0, 1.0)), (prompt.broken, (0.0, 0.0)), (prompt.wrapped, (0.0, 1.0))]
        for text, expected in answers:
            if text is None:
                continue
            got = tuple(modes[mode].score(case, Answer("c", 0, text=text)).value for mode in ("strict", "loose"))
            wanted, right = wanted + 2, right + sum(a == b for a, b in zip(got, expected, strict=True))
            if got != expected:
                print(f"  {prompt.kind}: {text!r} strict and loose {got}, expected {expected}")
    kinds = len({prompt.kind for prompt in PROMPTS})
    print(f"IFEval: {kinds} of 25 kinds; {right} of {wanted} decisions (strict and loose) as written for the prompts")
    return right == wanted and kinds == 25


def overlap() -> bool:
    """ROUGE-L against rouge-score, BLEU and chrF against sacrebleu."""
    import sacrebleu
    from rouge_score.rouge_scorer import RougeScorer

    rouge = RougeScorer(["rougeL"])
    peers = {
        "rouge_l": lambda reference, text: rouge.score(reference, text)["rougeL"].fmeasure,
        "bleu": lambda reference, text: min(1.0, sacrebleu.sentence_bleu(text, [reference]).score / 100),
        "chrf": lambda reference, text: min(1.0, sacrebleu.sentence_chrf(text, [reference]).score / 100),
    }
    pairs = text_pairs()
    is_equal = True
    for name, peer in peers.items():
        scorer = SCORERS[name](SCORERS[name].Settings())
        chosen = pairs if name == "rouge_l" else pairs[:300]
        apart = [abs((scorer.score(case_of(reference=a), Answer("c", 0, text=b)).value or 0.0) - peer(a, b)) for a, b in chosen]
        print(f"{name}: largest difference from its peer over {len(chosen):,} pairs {max(apart):.1e}")
        is_equal = is_equal and max(apart) < 1e-9
    return is_equal


ANSWER = (
    "Harbor opens at nine [1]. It ships to Norway and Peru [1][2]. Returns take thirty days [1][3][4][2]. "
    "Shoes are free [2]. Hats are free. Coats are free [9][7]."
)
HOLDS = {
    "Harbor opens at nine.": [{1}],
    "It ships to Norway and Peru.": [{1, 2}],
    "Returns take thirty days.": [{1}, {4}],
}


def citations() -> bool:
    """ALCE's rules on six sentences whose support is written down: recall 3/6, precision 5/7, F1 10/17, validity 8/10."""
    pages = [Passage(str(number), f"page {number}") for number in range(1, 6)]

    def entails(premise: str, claim: str) -> bool:
        here = {int(line.split()[1]) for line in premise.splitlines()}
        return any(here >= wanted for wanted in HOLDS.get(claim, []))

    got = count(cited_sentences(ANSWER, pages), pages, entails, at_most=3)
    validity = got.resolving / (got.resolving + got.dangling)
    print(f"ALCE: recall {got.recall:.4f}, precision {got.precision:.4f}, F1 {got.f1:.4f}, validity {validity:.2f}")
    return (got.recall, got.precision, got.f1, validity) == (0.5, 5 / 7, 2 * 0.5 * (5 / 7) / (0.5 + 5 / 7), 0.8)
