package org.gatefold.train.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.gatefold.train.metric.EditDistance.Edit;
import org.junit.jupiter.api.Test;

/** Edit distances against their recursive definition, and alignments against what they say. */
class EditDistanceTest {
    private static int distance(List<Integer> wanted, List<Integer> found) {
        if (wanted.isEmpty() || found.isEmpty()) {
            return wanted.size() + found.size();
        }
        List<Integer> shorter = wanted.subList(1, wanted.size());
        List<Integer> rest = found.subList(1, found.size());
        int beside = distance(shorter, rest) + (wanted.get(0).equals(found.get(0)) ? 0 : 1);
        return Math.min(beside, 1 + Math.min(distance(shorter, found), distance(wanted, rest)));
    }

    @Test
    void isTheFewestEdits() {
        Random random = new Random(1);
        for (int round = 0; round < 100; round++) {
            int[] wanted = random.ints(random.nextInt(6), 0, 3).toArray();
            int[] found = random.ints(random.nextInt(6), 0, 3).toArray();
            EditDistance edits = EditDistance.of(wanted, found);
            assertThat(edits.errors())
                    .isEqualTo(distance(
                            Arrays.stream(wanted).boxed().toList(),
                            Arrays.stream(found).boxed().toList()));
            assertThat(edits.wanted()).isEqualTo(wanted.length);
            int i = 0;
            int j = 0;
            for (Edit edit : edits.edits()) {
                if (edit == Edit.MATCH || edit == Edit.SUBSTITUTION) {
                    assertThat(wanted[i] == found[j]).isEqualTo(edit == Edit.MATCH);
                }
                i += edit == Edit.INSERTION ? 0 : 1;
                j += edit == Edit.DELETION ? 0 : 1;
            }
            assertThat(j).isEqualTo(found.length);
        }
    }

    @Test
    void wordsAreAligned() {
        EditDistance edits =
                EditDistance.of(List.of("the", "cat", "sat", "down"), List.of("a", "cat", "sat", "up", "down"));
        assertThat(edits.edits())
                .containsExactly(Edit.SUBSTITUTION, Edit.MATCH, Edit.MATCH, Edit.INSERTION, Edit.MATCH);
        assertThat(edits.errors()).isEqualTo(2);
    }
}
