package org.gatefold.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Several inputs and targets of different forms in one set. */
class DatasetTest {
    /** Two readings of different length, the sex of the speaker, what was said (shorter than what was heard), and a mood. */
    private static Dataset speech() {
        return Dataset.of(
                        Column.sequences("sound", new float[][][] {{{1}, {2}, {3}, {4}}, {{5}, {6}}}),
                        Column.labels("speaker", 1, 0))
                .withTarget(Column.tokens("text", new int[][] {{8, 9}, {}}))
                .withTarget(Column.numbers("mood", 0.5f, -0.5f));
    }

    @Test
    void everySequenceIsPaddedToALengthOfItsOwn() {
        Batch batch = speech().batch();
        assertThat(batch.steps()).isEqualTo(4);
        assertThat(batch.realSteps()).isEqualTo(6);
        BatchColumn text = batch.targets().get(0);
        assertThat(text.steps()).isEqualTo(2);
        assertThat(text.length(0)).isEqualTo(2);
        assertThat(text.length(1)).isZero();
        assertThat(IntStream.range(0, 4).map(text::id)).containsExactly(8, 0, 9, 0);
        assertThat(batch.inputs().get(1).id(0)).isEqualTo(1);
        assertThat(batch.targets().get(1).number(1, 0)).isEqualTo(-0.5f);
    }

    private static float[] weights(BatchColumn column) {
        float[] weights = new float[column.targetRows()];
        for (int n = 0; n < weights.length; n++) {
            weights[n] = column.weight(n);
        }
        return weights;
    }

    @Test
    void weightsOfRowsGoForEveryTargetWithoutItsOwn() {
        Dataset data = speech().withWeights(3, 2).withWeights("mood", Column.numbers("w", 0.25f, 4));
        Batch batch = data.batch();
        BatchColumn text = batch.targets().get(0);
        assertThat(weights(text)).containsExactly(3, 0, 3, 0);
        assertThat(text.rowWeight(0)).isEqualTo(3f);
        assertThat(text.rowWeight(1)).isEqualTo(2f);
        assertThat(weights(batch.targets().get(1))).containsExactly(0.25f, 4);
        Batch swapped = data.select(1, 0).batch();
        assertThat(weights(swapped.targets().get(0))).containsExactly(0, 3, 0, 3);
        assertThat(weights(swapped.targets().get(1))).containsExactly(4, 0.25f);
        Dataset bySteps = data.withWeights("text", Column.numbers("w", new float[][] {{0.5f, 1}, {}}));
        assertThat(weights(bySteps.batch().targets().get(0))).containsExactly(0.5f, 0, 1, 0);
        assertThat(bySteps.batch().targets().get(0).rowWeight(0)).isEqualTo(1f);
    }

    @Test
    void aColumnTakesThePlaceOfTheOneOfItsName() {
        Dataset data = speech().withTarget(Column.labels("mood", 2, 1)).withInput(Column.labels("speaker", 7, 7));
        assertThat(data.targets()).hasSize(2);
        assertThat(data.batch().targets().get(1).id(0)).isEqualTo(2);
        assertThat(data.batch().inputs().get(1).id(1)).isEqualTo(7);
    }

    @Test
    void theShortFormsMakeColumnsOfTheUsualNames() {
        Dataset data = Dataset.of(new float[][][] {{{1}}, {{2}}}).withLabels(3, 4);
        assertThat(data.inputs().get(0).name()).isEqualTo("input");
        assertThat(data.targets().get(0).name()).isEqualTo("target");
        assertThat(data.withTargets(new float[][] {{1}, {2}}).targets()).hasSize(1);
    }

    @Test
    void windowsCutEverySequenceAlike() {
        float[][][] x = {{{1}, {2}, {3}}, {{4}}};
        Dataset data = Dataset.of(Column.sequences("x", x), Column.labels("id", 5, 6))
                .withTarget(Column.tokens("tag", new int[][] {{1, 2, 3}, {4}}))
                .withTarget(Column.sequences("next", x));
        Batch second = Batches.of(data, 2).windowed(2).epoch(0).batch(1);
        assertThat(second.continues()).isTrue();
        assertThat(second.input(0, 0, 0)).isEqualTo(3f);
        assertThat(second.inputs().get(1).id(1)).isEqualTo(6);
        assertThat(second.targets().get(0).id(0)).isEqualTo(3);
        assertThat(second.targets().get(1).number(0, 0)).isEqualTo(3f);
        assertThat(second.targets().get(1).weight(1)).isZero();
        Batches others = Batches.of(data.withTarget(Column.tokens("tag", new int[][] {{1}, {2}})), 2);
        assertThatThrownBy(() -> others.windowed(2))
                .hasMessage("windowed: expected inputs and targets of equally many steps in every row, got others");
    }

    @Test
    void whatDoesNotFitIsNamed() {
        assertThatThrownBy(Dataset::of).hasMessage("inputs: expected at least one column, got none");
        assertThatThrownBy(() -> speech().withTarget(Column.labels("y", 1)))
                .hasMessage("target 'y': expected 2 rows, got 1");
        assertThatThrownBy(() -> speech().withInput(Column.labels("y", 1, 2, 3)))
                .hasMessage("input 'y': expected 2 rows, got 3");
        assertThatThrownBy(() -> speech().withWeights("words", Column.numbers("w", 1, 1)))
                .hasMessage("target: expected one of [text, mood], got 'words'");
        assertThatThrownBy(() -> speech().withWeights("mood", Column.numbers("w", new float[][] {{1}, {1}})))
                .hasMessage("weights: expected one number per row of target 'mood', got [T, B, 1]");
        assertThatThrownBy(() -> speech().withWeights("text", Column.numbers("w", new float[][] {{1}, {}})))
                .hasMessage("weights[0]: expected 2 steps as in target 'text', got 1");
        assertThatThrownBy(() -> speech().withWeights("text", Column.numbers("w", 1, -1)))
                .hasMessage("weights[1]: expected a finite weight of at least 0, got -1.0");
        Dataset weighted =
                Dataset.of(new float[2][1][1]).withStepLabels(new int[2][1]).withStepWeights(new float[2][1]);
        assertThatThrownBy(() -> weighted.withLabels(1, 2)).hasMessage("weights: give targets before weights");
    }
}
