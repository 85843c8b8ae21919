package org.gatefold.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * BLEU and chrF beside sacreBLEU: the dogs and the sentences of two countries are those of its own tests (test_bleu.py, test_chrf.py); what
 * these have no number for, and what they have for another smoothing than the usual one, was computed with its release 2.6.0.
 */
class TranslationMetricsTest {
    private static final List<String> DOGS =
            List.of("The dog bit the man.", "It wasn't surprising.", "The man had just bitten him.");
    private static final List<String> ONE =
            List.of("The dog bit the man.", "It was not unexpected.", "The man bit him first.");
    private static final List<String> OTHER =
            List.of("The dog had bit the man.", "No one was surprised.", "The man had bitten the dog.");
    private static final List<String> SIGNS = List.of(
            "He paid $1,234.56 (about 10-15% less) & left; \"odd\", isn't it?", "Ein Mann fährt Rad.", "A b c d");
    private static final List<String> OTHER_SIGNS = List.of(
            "He paid $1,234.50 - about 10-15% less - and left: \"odd\", isn't it?",
            "Ein alter Mann fährt mit dem Rad.", "x y z b w");

    private static List<List<String>> both() {
        return List.of(
                List.of(ONE.get(0), OTHER.get(0)),
                List.of(ONE.get(1), OTHER.get(1)),
                List.of(ONE.get(2), OTHER.get(2)));
    }

    @Test
    void bleuOfSeveralReferencesIsThatOfSacreBleu() {
        Bleu bleu = Bleu.ofSeveral(DOGS, both());
        assertThat(bleu.score()).isCloseTo(48.530827, within(1e-6));
        assertThat(bleu.precisions().get(0)).isCloseTo(82.3529411764706, within(1e-10));
        assertThat(bleu.precisions().get(3)).isEqualTo(37.5);
        assertThat(bleu.brevityPenalty()).isCloseTo(0.9428731438548749, within(1e-12));
        assertThat(bleu.hypothesisLength()).isEqualTo(17);
        assertThat(bleu.referenceLength()).isEqualTo(18);
    }

    @Test
    void bleuOfOneReferenceIsThatOfSacreBleu() {
        assertThat(Bleu.of(DOGS, ONE).score()).isCloseTo(45.06750632106114, within(1e-9));
        Bleu bleu = Bleu.of(SIGNS, OTHER_SIGNS);
        assertThat(bleu.score()).isCloseTo(41.684124316123345, within(1e-9));
        assertThat(bleu.brevityPenalty()).isCloseTo(0.8789456120040121, within(1e-12));
        assertThat(Bleu.of(ONE, ONE).score()).isCloseTo(100, within(1e-9));
    }

    @Test
    void bleuSmoothsOrdersWithoutAMatch() {
        Bleu bleu = Bleu.of(List.of("a b c d e f"), List.of("a x c y e z"));
        assertThat(bleu.precisions()).containsExactly(50.0, 10.0, 6.25, 100.0 / 24);
        assertThat(bleu.score()).isCloseTo(10.682175159905853, within(1e-9));
        assertThat(Bleu.of(List.of("a b"), List.of("a b")).score()).isZero();
        assertThat(Bleu.of(List.of("", "", ""), ONE).score()).isZero();
        assertThat(Bleu.of(List.of("q r s t u"), List.of("a b c d e")).score()).isZero();
    }

    @Test
    void tokensAreThoseOf13a() {
        assertThat(String.join(" ", Bleu.tokens(SIGNS.get(0))))
                .isEqualTo("He paid $ 1,234.56 ( about 10 - 15 % less ) & left ; \" odd \" , isn't it ?");
        assertThat(String.join(" ", Bleu.tokens("3.14, 5-6 e.g. &quot;x&quot; a/b [c] it's U.S.A., 1,000.")))
                .isEqualTo("3.14 , 5 - 6 e . g . \" x \" a / b [ c ] it's U . S . A . , 1,000 .");
        assertThat(Bleu.tokens("  ")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Co nás nejvíc trápí, protože lékaři si vybírají, kdo bude žít a kdo zemře.|"
                        + "Nejvíce smutní jsme z toho, že musíme rozhodovat o tom, kdo bude žít a kdo zemře.|39.1408169032",
                "Nebo prostě nemají vybavení, které by jim pomohlo, uvedli lékaři.|"
                        + "A někdy nemáme ani potřebný materiál, abychom jim pomohli, popsali lékaři.|31.2256414694",
                "Lapali po dechu, jejich životy skončily dřív, než skutečně začaly.|Lapali po dechu a pak jejich"
                        + " život skončil - dřív, než skutečně mohl začít, připomněli.|57.1574275128",
            })
    void chrFIsThatOfSacreBleu(String hypothesis, String reference, double expected) {
        assertThat(ChrF.of(List.of(hypothesis), List.of(reference))).isCloseTo(expected, within(1e-6));
    }

    @Test
    void chrFOfSetsIsThatOfSacreBleu() {
        assertThat(ChrF.ofSeveral(DOGS, both(), 2)).isCloseTo(59.72751782684763, within(1e-9));
        assertThat(ChrF.of(DOGS, ONE)).isCloseTo(50.043063606582294, within(1e-9));
        assertThat(ChrF.of(SIGNS, OTHER_SIGNS)).isCloseTo(60.69591480659733, within(1e-9));
        assertThat(ChrF.ofSeveral(
                        List.of(" Die    Beziehung zwischen  Obama und Netanjahu ist nicht gerade  freundlich. "),
                        List.of(List.of(
                                "Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.")),
                        3))
                .isCloseTo(64.1302698, within(1e-6));
        assertThat(ChrF.ofSeveral(List.of("a", "b"), List.of(List.of("a"), List.of("c")), 3))
                .isEqualTo(50);
        assertThat(ChrF.of(List.of(""), List.of("reference"))).isZero();
        assertThat(ChrF.of(List.of("a b c"), List.of("abc"))).isCloseTo(100, within(1e-9));
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> Bleu.of(List.of("a"), List.of()))
                .hasMessage("references: expected those of 1 hypotheses, got those of 0");
        assertThatThrownBy(() -> ChrF.ofSeveral(List.of("a"), List.of(List.of()), 2))
                .hasMessage("references[0]: expected at least one, got none");
        assertThatThrownBy(() -> Bleu.of(List.of(), List.of()))
                .hasMessage("hypotheses: expected at least one, got none");
        assertThatThrownBy(() -> ChrF.ofSeveral(List.of("a"), List.of(List.of("a")), 0))
                .hasMessage("beta: expected a finite number greater than 0, got 0.0");
    }
}
