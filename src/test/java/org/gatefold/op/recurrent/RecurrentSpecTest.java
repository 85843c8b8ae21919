package org.gatefold.op.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.gatefold.op.Precision;
import org.junit.jupiter.api.Test;

class RecurrentSpecTest {
    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.GRU, 7, 5, 3, 4);

    @Test
    void countsItsParameters() {
        RecurrentSpec deep = SPEC.withLayers(2).withDirection(Direction.BIDIRECTIONAL);
        assertThat(deep.weightSets()).isEqualTo(4);
        assertThat(deep.outputSize()).isEqualTo(8);
        assertThat(deep.inputOf(0)).isEqualTo(3);
        assertThat(deep.inputOf(1)).isEqualTo(8);
        assertThat(deep.parameters()).isEqualTo(2 * (3 * 4 * (3 + 4) + 4 * 4) + 2 * (3 * 4 * (8 + 4) + 4 * 4));
        assertThat(RecurrentSpec.of(Cell.LSTM, 1, 1, 10, 20).parameters()).isEqualTo(80 * 30 + 80);
    }

    @Test
    void changesOneSettingAtATime() {
        RecurrentSpec changed = SPEC.withSize(1, 2)
                .withLayers(3)
                .withDirection(Direction.REVERSE)
                .withDropout(0.5f)
                .withRecomputeSegment(4)
                .withPrecision(Precision.BF16);
        assertThat(changed)
                .isEqualTo(new RecurrentSpec(
                        Cell.GRU, 1, 2, 3, 4, 3, Direction.REVERSE, 0.5f, CellOptions.PLAIN, 4, Precision.BF16));
        assertThat(RecurrentSpec.of(Cell.LSTM, 1, 1, 1, 1).withCellClip(2f).cellClip())
                .isEqualTo(2f);
    }

    @Test
    void refusesWhatMakesNoSense() {
        refused("steps: expected at least 1, got 0", () -> SPEC.withSize(0, 1));
        refused("batch: expected at least 1, got -1", () -> SPEC.withSize(1, -1));
        refused("layers: expected at least 1, got 0", () -> SPEC.withLayers(0));
        refused("dropout: expected 0 <= p < 1, got 1.0", () -> SPEC.withDropout(1f));
        refused("dropout: expected 0 <= p < 1, got NaN", () -> SPEC.withDropout(Float.NaN));
        refused("cellClip: expected 0 for a GRU, which has no cell state, got 1.0", () -> SPEC.withCellClip(1f));
        refused(
                "cellClip: expected a finite value >= 0, got Infinity",
                () -> SPEC.withCellClip(Float.POSITIVE_INFINITY));
        refused("recomputeSegment: expected at least 0, got -1", () -> SPEC.withRecomputeSegment(-1));
        refused("direction: expected a value, got null", () -> SPEC.withDirection(null));
        refused("precision: expected a value, got null", () -> SPEC.withPrecision(null));
        refused("cell: expected a value, got null", () -> RecurrentSpec.of(null, 1, 1, 1, 1));
    }

    @Test
    void namesSizesThatAreTooLargeTogether() {
        int most = Integer.MAX_VALUE;
        refused(
                "steps x batch: expected a product of at most 2147483647, got 65536 x 32768",
                () -> SPEC.withSize(1 << 16, 1 << 15));
        refused(
                "steps x batch x inputSize: expected a product of at most 281474976710656, got 2147483647 x 1 x 2147483647",
                () -> RecurrentSpec.of(Cell.LSTM, most, 1, most, 1));
        refused(
                "directions x gates x hiddenSize: expected a product of at most 2147483647, got 2 x 4 x 268435456",
                () -> new RecurrentSpec(
                        Cell.GRU,
                        1,
                        1,
                        1,
                        1 << 28,
                        1,
                        Direction.BIDIRECTIONAL,
                        0f,
                        CellOptions.PLAIN,
                        0,
                        Precision.F32));
        refused(
                "layers x directions: expected a product of at most 2147483647, got 1073741824 x 2",
                () -> SPEC.withDirection(Direction.BIDIRECTIONAL).withLayers(1 << 30));
        refused(
                "layers x directions x steps x batch x gates x hiddenSize: expected a product of at most 281474976710656,"
                        + " got 3 x 1 x 2147483647 x 1 x 4 x 32768",
                () -> RecurrentSpec.of(Cell.LSTM, most, 1, 1, 1 << 15).withLayers(3));
        refused(
                "directions x gates x hiddenSize x inputSize: expected a product of at most 281474976710656,"
                        + " got 1 x 4 x 65536 x 2147483647",
                () -> RecurrentSpec.of(Cell.LSTM, 1, 1, most, 1 << 16));
        refused(
                "layers x directions x gates x hiddenSize x directions x hiddenSize: expected a product of at most"
                        + " 281474976710656, got 1 x 1 x 4 x 268435456 x 1 x 268435456",
                () -> RecurrentSpec.of(Cell.LSTM, 1, 1, 1, 1 << 28));
    }

    @Test
    void noiseIsRefusedOutsideItsBounds() {
        for (float p : new float[] {-0.1f, 1f, Float.NaN}) {
            refused("zoneoutH: expected 0 <= p < 1, got " + p, () -> CellNoise.NONE.withZoneout(p, 0f));
            refused("zoneoutC: expected 0 <= p < 1, got " + p, () -> CellNoise.NONE.withZoneout(0f, p));
            refused("candidateDropout: expected 0 <= p < 1, got " + p, () -> CellNoise.NONE.withCandidateDropout(p));
            refused("recurrentDropout: expected 0 <= p < 1, got " + p, () -> CellNoise.NONE.withRecurrentDropout(p));
        }
        CellOptions ofC = CellOptions.PLAIN.withNoise(CellNoise.NONE.withZoneout(0.5f, 0.25f));
        refused(
                "noise.zoneoutC: expected 0 for a GRU, which has no cell state, got 0.25",
                () -> RecurrentSpec.of(Cell.GRU, 1, 1, 1, 1).withOptions(ofC));
        assertThat(RecurrentSpec.of(Cell.LSTM, 1, 1, 1, 1).withOptions(ofC).options())
                .hasToString("zoneout 0.5 0.25");
        assertThat(CellNoise.NONE.withCandidateDropout(0.5f).inference()).isEqualTo(CellNoise.NONE);
        assertThat(CellNoise.NONE.withRecurrentDropout(0.5f).inference()).isEqualTo(CellNoise.NONE);
    }

    @Test
    void aProjectionNarrowsStatesOutputsAndWhatReadsThem() {
        RecurrentSpec spec = RecurrentSpec.of(Cell.LSTM, 7, 5, 3, 10)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withOptions(CellOptions.PLAIN.withProjection(4));
        assertThat(spec.projectionSize()).isEqualTo(4);
        assertThat(spec.outputSize()).isEqualTo(8);
        assertThat(spec.shape(RecurrentWeights.Part.WX, 1)).hasToString("[40, 8]");
        assertThat(spec.shape(RecurrentWeights.Part.WH, 0)).hasToString("[40, 4]");
        assertThat(spec.shape(RecurrentWeights.Part.B, 0)).hasToString("[40]");
        assertThat(spec.shape(RecurrentWeights.Part.WR, 0)).hasToString("[4, 10]");
        // As PyTorch counts nn.LSTM(3, 10, 2, bidirectional=True, proj_size=4) but for its second biases.
        assertThat(spec.parameters()).isEqualTo(2 * (120 + 160 + 40 + 40) + 2 * (320 + 160 + 40 + 40));
        assertThat(spec.options()).hasToString("projection 4");
        assertThat(spec.withOptions(CellOptions.PLAIN).projectionSize()).isEqualTo(10);
        refused(
                "projection: expected less than hiddenSize 10, got 10",
                () -> spec.withOptions(CellOptions.PLAIN.withProjection(10)));
        refused("projection: expected at least 0, got -1", () -> CellOptions.PLAIN.withProjection(-1));
        refused(
                "projection: expected 0 for a GRU, which has no cell state, got 4",
                () -> RecurrentSpec.of(Cell.GRU, 7, 5, 3, 10).withOptions(CellOptions.PLAIN.withProjection(4)));
    }

    @Test
    void anInputThatSkipsTheProductHasNoWeights() {
        RecurrentSpec spec = RecurrentSpec.of(Cell.GRU, 7, 5, 10, 10)
                .withLayers(2)
                .withOptions(CellOptions.PLAIN.withSkipInput(true));
        assertThat(spec.parts(0)).containsExactly(RecurrentWeights.Part.WH, RecurrentWeights.Part.B);
        assertThat(spec.parts(1))
                .containsExactly(RecurrentWeights.Part.WX, RecurrentWeights.Part.WH, RecurrentWeights.Part.B);
        assertThat(spec.parameters()).isEqualTo(300 + 40 + 300 + 300 + 40);
        assertThat(spec.options()).hasToString("skip input");
        refused(
                "skipInput: expected an inputSize as hiddenSize, 10, got 9",
                () -> RecurrentSpec.of(Cell.GRU, 7, 5, 9, 10).withOptions(CellOptions.PLAIN.withSkipInput(true)));
    }

    @Test
    void layerNormalisationHasWeightsOfItsOwn() {
        RecurrentSpec spec =
                RecurrentSpec.of(Cell.LSTM, 7, 5, 3, 10).withOptions(CellOptions.PLAIN.withLayerNorm(true));
        assertThat(spec.shape(RecurrentWeights.Part.NORM, 0)).hasToString("[100]");
        assertThat(spec.parameters()).isEqualTo(120 + 400 + 40 + 100);
        assertThat(spec.options()).hasToString("layer norm");
        assertThat(RecurrentSpec.of(Cell.GRU, 7, 5, 3, 10)
                        .withOptions(spec.options())
                        .shape(RecurrentWeights.Part.NORM, 0))
                .hasToString("[60]");
        assertThat(RecurrentSpec.of(Cell.RNN_TANH, 7, 5, 3, 10)
                        .withOptions(spec.options())
                        .shape(RecurrentWeights.Part.NORM, 0))
                .hasToString("[20]");
        refused(
                "layerNorm: expected false with a projection or an input that skips the product, got true",
                () -> spec.withOptions(spec.options().withProjection(4)));
    }

    @Test
    void aSpecKnowsWhetherItDrawsMasks() {
        assertThat(SPEC.draws()).isFalse();
        assertThat(SPEC.withDropout(0.5f).draws()).as("one layer").isFalse();
        assertThat(SPEC.withDropout(0.5f).withLayers(2).draws()).isTrue();
        CellNoise zoneout = CellNoise.NONE.withZoneout(0.5f, 0f);
        assertThat(SPEC.withOptions(CellOptions.PLAIN.withNoise(zoneout)).draws())
                .isTrue();
        assertThat(SPEC.withOptions(CellOptions.PLAIN.withNoise(zoneout.inference()))
                        .draws())
                .isFalse();
    }

    @Test
    void countsTheLargestSizes() {
        int most = Integer.MAX_VALUE;
        RecurrentSpec wide = RecurrentSpec.of(Cell.LSTM, most, 1, 1 << 17, 1 << 13);
        assertThat(wide.parameters()).isEqualTo((4L << 13) * ((1L << 17) + (1L << 13) + 1));
        assertThat(RecurrentSpec.of(Cell.RNN_TANH, 1, 1, most, 1 << 16).parameters())
                .isEqualTo((1L << 16) * (most + (1L << 16) + 1));
        assertThat(RecurrentSpec.of(Cell.LSTM, 1, most, 1, 1)
                        .withLayers(1 << 14)
                        .weightSets())
                .isEqualTo(1 << 14);
    }

    private static void refused(String message, ThrowingCallable call) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }
}
