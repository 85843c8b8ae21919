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
                .isEqualTo(new RecurrentSpec(Cell.GRU, 1, 2, 3, 4, 3, Direction.REVERSE, 0.5f, 0f, 4, Precision.BF16));
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

    private static void refused(String message, ThrowingCallable call) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }
}
