package org.gatefold.recipe.field.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.gatefold.data.table.Table;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.Tables;
import org.junit.jupiter.api.Test;

class SequenceTest {
    private static final Table TABLE = Tables.csv("x;y;label", "1 3;10,10;a", "2;10;b", "1000 1000;5,5;b");

    @Test
    void channelsAreScaledOverAllStepsOfTheTrainingRows() {
        Sequence sequence = Sequence.allBut("label").fit(Rows.range(TABLE, 0, 2));
        float[][][] encoded = Tables.numbers(sequence.encode(Rows.range(TABLE, 0, 2)));
        float one = (float) (1 / Math.sqrt(2.0 / 3));
        assertThat(encoded[0]).isDeepEqualTo(new float[][] {{-one, 0}, {one, 0}});
        assertThat(encoded[1]).isDeepEqualTo(new float[][] {{0, 0}});
        assertThat(sequence.summary()).isEqualTo("2 channels");
    }

    @Test
    void aSavedSequenceIsTheSame() {
        Sequence sequence = Sequence.allBut("label").fit(Rows.range(TABLE, 0, 2));
        Sequence again = Sequence.allBut("label").restored(Tables.saved(sequence));
        assertThat(Tables.numbers(again.encode(Rows.all(TABLE))))
                .isDeepEqualTo(Tables.numbers(sequence.encode(Rows.all(TABLE))));
    }

    @Test
    void refusesWhatIsNoSequence() {
        Table uneven = Tables.csv("x;y;label", "1 3;10;a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sequence.allBut("label").fit(Rows.all(uneven)).encode(Rows.all(uneven)))
                .withMessage("test.csv, line 2, column 'y': expected 2 steps as in column 'x', got 1");
        Table word = Tables.csv("x;label", "1 ?;a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sequence.allBut("label").fit(Rows.all(word)))
                .withMessage("test.csv, line 2, column 'x': expected finite numbers, got '?'");
    }
}
