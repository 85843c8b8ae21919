package org.gatefold.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SubwordsTest {
    /** The words of the example in Sennrich et al. 2016, algorithm 1, there with a mark at the end of words; here with a blank before. */
    private static final String EXAMPLE =
            " low".repeat(5) + " lower".repeat(2) + " newest".repeat(6) + " widest".repeat(3);

    @Test
    void joinsTheMostFrequentPairsFirst() {
        Subwords found = Subwords.fit(List.of(EXAMPLE), 17, 1);
        // Among the pairs there 9 times, "es" comes first; then "st" has become "est". Of those there 7 times " l"
        // comes first.
        assertThat(found.merges().subList(0, 8)).containsExactly("e", "s", "es", "t", " ", "l", " l", "o");
        assertThat(found.characters()).containsExactly("e", " ", "w", "s", "t", "l", "o", "n", "d", "i", "r");
        assertThat(found.vocabulary()).hasSize(17).startsWith("e", " ", "w").contains("est", " low");
        assertThat(found.tokens(" lowest")).containsExactly(" low", "est");
        assertThat(found.tokens("x low")).containsExactly("x", " low");
    }

    @Test
    void learnsAsTheDefinitionSays() {
        Random random = new Random(3);
        for (int round = 0; round < 40; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 120; i++) {
                text.append("aaabbc d".charAt(random.nextInt(8)));
            }
            int most = 5 + random.nextInt(40);
            Subwords fast = Subwords.fit(List.of(text.toString()), most, 2);
            assertThat(fast.merges()).as(text.toString()).isEqualTo(slowly(text.toString(), most, 2));
            Map<String, Long> counted = new TreeMap<>(Comparator.reverseOrder());
            Tokenizer.SUBWORDS.tokens(text.toString()).forEach(word -> counted.merge(word, 1L, Long::sum));
            assertThat(Subwords.fit(counted, most, 2).merges())
                    .as("counted, in another order")
                    .isEqualTo(fast.merges());
        }
    }

    /** Cuts the text anew for every merge, and counts all pairs. */
    private static List<String> slowly(String text, int most, int atLeast) {
        List<String> characters = Subwords.fit(List.of(text), 1000, atLeast).characters();
        List<String> merges = new ArrayList<>();
        while (Subwords.of(characters, merges).vocabulary().size() < most) {
            Subwords subwords = Subwords.of(characters, merges);
            Map<List<String>, Integer> counts = new HashMap<>();
            for (String word : Tokenizer.SUBWORDS.tokens(text)) {
                List<String> tokens = subwords.tokens(word);
                for (int i = 1; i < tokens.size(); i++) {
                    if (subwords.vocabulary().contains(tokens.get(i - 1))
                            && subwords.vocabulary().contains(tokens.get(i))) {
                        counts.merge(tokens.subList(i - 1, i + 1), 1, Integer::sum);
                    }
                }
            }
            int highest = counts.values().stream().mapToInt(i -> i).max().orElse(0);
            if (highest < atLeast) {
                break;
            }
            merges.addAll(counts.entrySet().stream()
                    .filter(count -> count.getValue() == highest)
                    .map(Map.Entry::getKey)
                    .min((a, b) -> a.get(0).equals(b.get(0))
                            ? a.get(1).compareTo(b.get(1))
                            : a.get(0).compareTo(b.get(0)))
                    .orElseThrow());
        }
        return merges;
    }

    @Test
    void tokensAreTheTextTogether() {
        Subwords learnt = Subwords.fit(List.of(EXAMPLE, "größer, 3.50 — it's"), 40, 1);
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 60; i++) {
                text.appendCodePoint(
                        switch (random.nextInt(4)) {
                            case 0 -> "newst lo".charAt(random.nextInt(8));
                            case 1 -> " \t\n\r\u00A0\u3000".charAt(random.nextInt(6));
                            case 2 -> random.nextInt(0x3000);
                            default -> random.nextInt(Character.MAX_CODE_POINT + 1);
                        });
            }
            String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
            assertThat(Tokenizer.SUBWORDS.text(learnt.tokens(text.toString()))).isEqualTo(composed);
        }
    }

    @Test
    void knowsWhatIsFrequentEnough() {
        Subwords some = Subwords.fit(List.of("aaa ab"), 10, 2);
        assertThat(some.characters()).containsExactly("a");
        assertThat(some.merges()).containsExactly("a", "a");
        assertThat(Subwords.fit(List.of("aaa bb c"), 2, 1).vocabulary()).containsExactly("a", " ");
        assertThat(Subwords.fit(List.of(), 2, 1).vocabulary()).isEmpty();
    }

    @Test
    void areMadeAgainOfWhatWasLearnt() {
        Subwords learnt = Subwords.fit(List.of(EXAMPLE), 30, 1);
        Subwords again = Subwords.of(learnt.characters(), learnt.merges());
        assertThat(again.vocabulary()).isEqualTo(learnt.vocabulary());
        assertThat(again.tokens(EXAMPLE)).isEqualTo(learnt.tokens(EXAMPLE));
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> Subwords.of(List.of("a"), List.of("a", "b")))
                .hasMessage("merges: expected characters and what was merged before, got 'b'");
        assertThatThrownBy(() -> Subwords.of(List.of("a"), List.of("a")))
                .hasMessage("merges: expected a left and a right one for each, got 1 in all");
        assertThatThrownBy(() -> Subwords.of(List.of("a"), List.of("a", "a", "a", "a")))
                .hasMessage("merges: expected each once, got 'a' and 'a' twice");
        assertThatThrownBy(() -> Subwords.fit(List.of("a"), 0, 1)).hasMessage("atMost: expected at least 1, got 0");
        assertThatThrownBy(() -> Subwords.fit(List.of("a"), 9, 0)).hasMessage("atLeast: expected at least 1, got 0");
    }
}
