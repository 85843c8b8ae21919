package org.gatefold.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BatchesTest {
    /** Feature f of step t of row r is 10000 r + 10 t + f; the target of the row is r. */
    private static Dataset numbered(int features, int... lengths) {
        float[][][] inputs = new float[lengths.length][][];
        float[][] targets = new float[lengths.length][1];
        for (int r = 0; r < lengths.length; r++) {
            inputs[r] = new float[lengths[r]][features];
            targets[r][0] = r;
            for (int t = 0; t < lengths[r]; t++) {
                for (int f = 0; f < features; f++) {
                    inputs[r][t][f] = 10000 * r + 10 * t + f;
                }
            }
        }
        return Dataset.of(inputs).withTargets(targets);
    }

    private static List<Integer> rowsOf(Batches.Epoch epoch) {
        List<Integer> rows = new ArrayList<>();
        for (int i = 0; i < epoch.count(); i++) {
            Arrays.stream(epoch.rows(i)).forEach(rows::add);
        }
        return rows;
    }

    @Test
    void batchesAreTimeMajorAndPadded() {
        Batch batch = numbered(2, 3, 0, 1).batch();
        assertThat(batch.rows()).isEqualTo(3);
        assertThat(batch.steps()).isEqualTo(3);
        assertThat(batch.features()).isEqualTo(2);
        assertThat(batch.realSteps()).isEqualTo(4);
        assertThat(batch.input(0, 2, 1)).isEqualTo(21f);
        assertThat(batch.input(1, 0, 0)).isZero();
        assertThat(batch.input(2, 0, 1)).isEqualTo(20001f);
        assertThat(batch.input(2, 1, 1)).isZero();
        assertThat(batch.targetRows()).isEqualTo(3);
        assertThat(batch.target(2, 0)).isEqualTo(2f);
        assertThat(batch.weight(1)).isEqualTo(1f);
    }

    @Test
    void paddingOfStepsHasNoWeight() {
        Dataset data = Dataset.of(new float[][][] {{{1}, {2}}, {{3}}}).withStepLabels(new int[][] {{5, 6}, {7}});
        Batch batch = data.batch();
        assertThat(batch.perStep()).isTrue();
        assertThat(batch.targetRows()).isEqualTo(4);
        assertThat(IntStream.range(0, 4).map(batch::label)).containsExactly(5, 7, 6, 0);
        assertThat(new float[] {batch.weight(0), batch.weight(1), batch.weight(2), batch.weight(3)})
                .containsExactly(1f, 1f, 1f, 0f);
        Batch weighted = data.withStepWeights(new float[][] {{0.5f, 0f}, {2f}}).batch();
        assertThat(new float[] {weighted.weight(0), weighted.weight(1), weighted.weight(2), weighted.weight(3)})
                .containsExactly(0.5f, 2f, 0f, 0f);
        Batch byRow = data.withWeights(3f, 4f).batch();
        assertThat(new float[] {byRow.weight(0), byRow.weight(1), byRow.weight(2), byRow.weight(3)})
                .containsExactly(3f, 4f, 3f, 0f);
    }

    @Test
    void aBatchThatCannotBeCountedIsRefusedByName() {
        int steps = 50_000;
        Column endless = Column.windows("x", new float[steps][1], steps, new int[steps]);
        assertThatThrownBy(() -> Dataset.of(endless).batch())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "batch: expected at most 2147483647 values of column 'x', got 50000 rows of 50000 steps of 1;"
                                + " make batches smaller, or cut the steps into windows");
    }

    @Test
    void continuedBatchesGoOnThroughAnEpoch() {
        Batches batches = Batches.of(numbered(1, 3, 3, 3, 3), 2).continued();
        Batches.Epoch epoch = batches.epoch(1);
        assertThat(epoch.batch(0).continues()).isFalse();
        assertThat(epoch.batch(1).continues()).isTrue();
        assertThat(epoch.continues(2)).isFalse();
        assertThat(batches.description()).endsWith(" continued");
        assertThat(batches.continued()).isSameAs(batches);
    }

    @Test
    void onlyEqualBatchesInOrderCanBeContinued() {
        Dataset data = numbered(1, 3, 3, 3);
        assertThatThrownBy(() -> Batches.of(data, 2).continued())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "batches: expected equally many rows in every batch, since states are carried from row to row;"
                                + " got 3 rows in batches of 2");
        assertThatThrownBy(() -> Batches.of(data, 3).shuffled(1).continued())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "batches: expected rows in the order of the set, since states are carried from batch to batch;"
                                + " got shuffled rows");
        assertThatThrownBy(() -> Batches.of(data, 3).bucketed().continued()).hasMessageContaining("got bucketed rows");
    }

    /** A smaller batch after a larger one shares its arrays; nothing of the larger one may show. */
    @Test
    void aReusedBatchForgetsTheOneBefore() {
        Batches.Epoch epoch = Batches.of(numbered(1, 5, 5, 2, 1), 2).epoch(0);
        epoch.batch(0);
        Batch second = epoch.batch(1);
        assertThat(second.steps()).isEqualTo(2);
        assertThat(second.input(1, 0, 0)).isEqualTo(30000f);
        assertThat(second.input(1, 1, 0)).isZero();
    }

    @Property(tries = 200)
    void everyRowComesOncePerEpoch(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 1, max = 9) Integer> lengths,
            @ForAll @IntRange(min = 1, max = 20) int batchSize,
            @ForAll long seed,
            @ForAll boolean bucketed) {
        Dataset data = numbered(1, lengths.stream().mapToInt(Integer::intValue).toArray());
        Batches batches = Batches.of(data, batchSize).shuffled(seed);
        if (bucketed) {
            batches = batches.bucketed();
        }
        Batches.Epoch epoch = batches.epoch(3);
        List<Integer> rows = rowsOf(epoch);
        assertThat(rows).isEqualTo(rowsOf(batches.epoch(3)));
        List<Integer> sorted = new ArrayList<>(rows);
        Collections.sort(sorted);
        assertThat(sorted).isEqualTo(IntStream.range(0, data.size()).boxed().toList());
        for (int i = 0; i < epoch.count(); i++) {
            Batch batch = epoch.batch(i);
            int[] expected = epoch.rows(i);
            assertThat(batch.rows()).isEqualTo(expected.length);
            for (int b = 0; b < expected.length; b++) {
                assertThat(batch.target(b, 0)).isEqualTo((float) expected[b]);
                assertThat(batch.length(b)).isEqualTo(data.steps(expected[b]));
            }
        }
    }

    @Test
    void epochsAndSeedsDiffer() {
        Dataset data = numbered(1, IntStream.generate(() -> 1).limit(50).toArray());
        Batches batches = Batches.of(data, 8).shuffled(1);
        assertThat(rowsOf(batches.epoch(0))).isNotEqualTo(rowsOf(batches.epoch(1)));
        assertThat(rowsOf(batches.epoch(0)))
                .isNotEqualTo(rowsOf(Batches.of(data, 8).shuffled(2).epoch(0)));
        assertThat(rowsOf(Batches.of(data, 8).epoch(1))).isSorted();
        assertThat(rowsOf(batches.inOrder())).isSorted();
    }

    /** Over many epochs each row must come first about equally often: 4000 draws of 10, standard deviation 19. */
    @Test
    void shufflesAreUniform() {
        Dataset data = numbered(1, IntStream.generate(() -> 1).limit(10).toArray());
        Batches batches = Batches.of(data, 10).shuffled(7);
        int[][] counts = new int[10][10];
        for (int epoch = 0; epoch < 4000; epoch++) {
            int[] rows = batches.epoch(epoch).rows(0);
            for (int i = 0; i < 10; i++) {
                counts[i][rows[i]]++;
            }
        }
        assertThat(Arrays.stream(counts).flatMapToInt(Arrays::stream)).allMatch(count -> Math.abs(count - 400) < 95);
    }

    @Test
    void bucketsSavePadding() {
        int[] lengths = IntStream.range(0, 256).map(i -> 1 + i * 37 % 50).toArray();
        Dataset data = numbered(1, lengths);
        assertThat(paddedSteps(Batches.of(data, 8).shuffled(1).bucketed()))
                .isLessThan(paddedSteps(Batches.of(data, 8).shuffled(1)) * 2 / 3);
    }

    private static long paddedSteps(Batches batches) {
        Batches.Epoch epoch = batches.epoch(0);
        long sum = 0;
        for (int i = 0; i < epoch.count(); i++) {
            Batch batch = epoch.batch(i);
            sum += (long) batch.rows() * batch.steps();
        }
        return sum;
    }

    @Test
    void stepsArePaddedToAMultiple() {
        Batch batch = Batches.of(numbered(1, 5, 3), 2).paddedTo(4).epoch(0).batch(0);
        assertThat(batch.steps()).isEqualTo(8);
        assertThat(batch.realSteps()).isEqualTo(8);
    }

    @Test
    void windowsOfTheSameRowsFollowEachOther() {
        float[][][] inputs = {{{0}, {1}, {2}, {3}, {4}}, {{10}, {11}}, {{20}}};
        Dataset data = Dataset.of(inputs).withStepTargets(inputs);
        Batches.Epoch epoch = Batches.of(data, 2).windowed(2).epoch(0);
        assertThat(epoch.count()).isEqualTo(4);
        boolean[] continues = {false, true, true, false};
        long[] real = {4, 2, 1, 1};
        for (int i = 0; i < 4; i++) {
            Batch batch = epoch.batch(i);
            assertThat(epoch.continues(i)).isEqualTo(continues[i]);
            assertThat(batch.continues()).isEqualTo(continues[i]);
            assertThat(batch.realSteps()).isEqualTo(real[i]);
        }
        Batch second = epoch.batch(1);
        assertThat(second.input(0, 1, 0)).isEqualTo(3f);
        assertThat(second.target(2, 0)).isEqualTo(3f);
        assertThat(second.length(1)).isZero();
        assertThat(second.weight(1)).isZero();
        assertThat(epoch.continues(4)).isFalse();
    }

    @Test
    void badDataIsNamed() {
        float[][][] inputs = {{{1, 2}}, {{3, 4}, {5, 6}}};
        Dataset data = Dataset.of(inputs);
        assertThatThrownBy(() -> Dataset.of(new float[0][][])).hasMessage("inputs: expected at least 1 rows, got 0");
        assertThatThrownBy(() -> Dataset.of(new float[2][0][])).hasMessageContaining("expected at least one step");
        assertThatThrownBy(() -> Dataset.of(new float[][][] {{{1}}, {{1, 2}}}))
                .hasMessage("inputs[1][0]: expected 1 values, got 2");
        assertThatThrownBy(() -> data.withTargets(new float[1][1])).hasMessage("targets: expected 2 rows, got 1");
        assertThatThrownBy(() -> data.withTargets(new float[2][0]))
                .hasMessage("targets: expected at least one value, got none");
        assertThatThrownBy(() -> data.withStepLabels(new int[2][2]))
                .hasMessage("labels[0]: expected 1 steps as in the inputs, got 2");
        assertThatThrownBy(() -> data.withLabels(1, 2).withWeights(1f, Float.NaN))
                .hasMessage("weights[1]: expected a finite weight of at least 0, got NaN");
        assertThatThrownBy(() -> data.withLabels(1, 2).withStepWeights(new float[2][1]))
                .hasMessage("weights: one per step needs targets or labels per step");
        assertThatThrownBy(() -> Batches.of(data, 0)).hasMessage("batchSize: expected at least 1, got 0");
        assertThatThrownBy(() -> Batches.of(data, 1).windowed(3)).hasMessageContaining("per step");
        assertThatThrownBy(() -> Batches.of(data, 1).epoch(0).batch(2)).hasMessage("batch 2 of 2");
    }

    /** Adds what is drawn, the same for every element of a row. */
    private static final Augmentation ADDED = new Augmentation() {
        @Override
        public void change(float[] values, int count, RandomDraws draws) {
            float added = 1 + draws.below(1000);
            for (int i = 0; i < count; i++) {
                values[i] += added;
            }
        }

        @Override
        public String description() {
            return "added";
        }
    };

    /** What was added to each row of the set in an epoch. */
    private static float[] added(Batches batches, int epoch) {
        Batches.Epoch pass = batches.epoch(epoch);
        float[] added = new float[batches.data().size()];
        for (int i = pass.count() - 1; i >= 0; i--) {
            Batch batch = pass.batch(i);
            int[] rows = pass.rows(i);
            for (int b = 0; b < rows.length; b++) {
                for (int step = 0; step < batch.steps(); step++) {
                    float value = batch.input(b, step, 0);
                    if (step >= batch.length(b)) {
                        assertThat(value).as("padding").isZero();
                        continue;
                    }
                    float here = value - 10000 * rows[b] - 10 * step;
                    assertThat(here).isBetween(1f, 1001f);
                    assertThat(step == 0 || here == added[rows[b]]).isTrue();
                    added[rows[b]] = here;
                }
            }
        }
        return added;
    }

    @Test
    void rowsAreShownOtherwiseInEveryEpochButTheSameWhateverTheirOrder() {
        Dataset data = numbered(1, 3, 1, 2, 4, 1);
        Batches batches = Batches.of(data, 2).augmented("input", ADDED, 5);
        float[] first = added(batches, 0);
        assertThat(first).doesNotHaveDuplicates();
        assertThat(added(batches.shuffled(1), 0)).isEqualTo(first);
        assertThat(added(batches.bucketed(), 0)).isEqualTo(first);
        assertThat(added(batches, 1)).isNotEqualTo(first);
        assertThat(added(Batches.of(data, 2).augmented("input", ADDED, 6), 0)).isNotEqualTo(first);
        assertThat(batches.inOrder().batch(0).input(0, 1, 0))
                .as("evaluated as it is")
                .isEqualTo(10f);
        assertThat(data.batch().input(0, 1, 0)).as("the set is left alone").isEqualTo(10f);
        assertThat(batches.description()).endsWith("augmented=5 added");
    }

    @Test
    void onlyWholeRowsOfNumbersAreShownOtherwise() {
        Dataset data = Dataset.of(new float[][][] {{{1}, {2}}}).withStepLabels(new int[][] {{5, 6}});
        Batches batches = Batches.of(data, 1);
        assertThatThrownBy(() -> batches.augmented("target", ADDED, 1))
                .hasMessage("input: expected one of numbers among [input], got 'target'");
        assertThatThrownBy(() -> batches.windowed(1).augmented("input", ADDED, 1))
                .hasMessage("augmented: expected whole rows, got windows of them");
        assertThatThrownBy(() -> batches.augmented("input", ADDED, 1).windowed(1))
                .hasMessage("windowed: expected rows as they are, got augmented ones");
    }

    /** Of 11 rows in batches of 4 the last has 3: the fourth part has no row of it. */
    @Test
    void partsOfBatchesHaveTheirRowsEachOnceInOrder() {
        Batches batches =
                Batches.of(numbered(1, 3, 1, 2, 4, 1, 1, 2, 2, 1, 3, 1), 4).shuffled(6);
        int[] counts = {3, 3, 3, 2};
        for (int epoch = 0; epoch < 2; epoch++) {
            Batches.Epoch whole = batches.epoch(epoch);
            List<List<Integer>> joined = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
            for (int part = 0; part < 4; part++) {
                Batches.Epoch pass = batches.share(part, 4).epoch(epoch);
                assertThat(pass.count()).isEqualTo(counts[part]);
                for (int index = 0; index < pass.count(); index++) {
                    assertThat(pass.batch(index).rows()).isEqualTo(1);
                    joined.get(index).add(pass.rows(index)[0]);
                }
            }
            for (int index = 0; index < 3; index++) {
                assertThat(joined.get(index))
                        .isEqualTo(Arrays.stream(whole.rows(index)).boxed().toList());
            }
        }
        assertThat(batches.share(1, 3).epoch(0).rows(0)).hasSize(1);
        assertThat(batches.share(0, 3).epoch(0).rows(0)).hasSize(2);
        assertThat(batches.share(1, 3).description()).endsWith("shuffled=6 part=1/3");
    }

    /** A part whose rows are over has windows without a step, till those of the longest row of all parts. */
    @Test
    void allPartsHaveAsManyWindowsAsTheirBatch() {
        Dataset data = Dataset.of(new float[][][] {{{1}, {2}, {3}, {4}, {5}}, {{6}}})
                .withStepLabels(new int[][] {{1, 2, 3, 4, 5}, {6}});
        Batches.Epoch part = Batches.of(data, 2).windowed(2).share(1, 2).epoch(0);
        assertThat(part.count()).isEqualTo(3);
        assertThat(part.batch(0).length(0)).isEqualTo(1);
        assertThat(part.batch(1).length(0)).isZero();
        assertThat(part.batch(2).weight(0)).isZero();
        assertThat(part.continues(2)).isTrue();
    }

    @Test
    void aPartIsOneOfThemAndHasARow() {
        Batches batches = Batches.of(numbered(1, 3, 1, 2), 2);
        assertThatThrownBy(() -> batches.share(2, 2)).hasMessage("part: expected 0 to 1, got 2");
        assertThatThrownBy(() -> batches.share(0, 3))
                .hasMessage("batches: expected at least 3 rows, one for each part, got 2");
    }
}
