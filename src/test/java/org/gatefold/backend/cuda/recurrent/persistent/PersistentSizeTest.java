package org.gatefold.backend.cuda.recurrent.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.gatefold.backend.cuda.recurrent.fused.FusedSize;
import org.gatefold.backend.cuda.recurrent.persistent.PersistentSize.Card;
import org.gatefold.backend.cuda.recurrent.persistent.PersistentSize.Grid;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PersistentSizeTest {
    private static final Card H100 = new Card(132, 227 << 10, true);

    private static PersistentSize lstm(int hidden, int batch, Precision precision, Card card) {
        return new PersistentSize(new FusedSize(Cell.LSTM, hidden, precision), batch, card);
    }

    @Test
    void whereThereAreEnoughMultiprocessorsABlockHasOneGroupOfUnitsAndOneOfRows() {
        PersistentSize size = lstm(512, 64, Precision.F16, H100);
        assertThat(size.forward()).contains(new Grid(64, 2, 1, 1, 32 << 10));
        assertThat(size.backward()).contains(new Grid(32, 4, 1, 1, 64 << 10));
    }

    @Test
    void whereThereAreFewerItHasTheLeastInAStep() {
        // 128 groups of units by 4 of rows: as many turns whatever the width, so the fewest weights.
        assertThat(lstm(1024, 128, Precision.F16, H100).forward()).contains(new Grid(128, 1, 1, 4, 64 << 10));
        // 32 by 5: 4 blocks a row and 2 turns of rows, or 8 blocks' columns halved and one.
        assertThat(lstm(256, 160, Precision.F16, H100).forward()).contains(new Grid(32, 3, 1, 2, 16 << 10));
        assertThat(lstm(400, 96, Precision.F16, H100).forward()).contains(new Grid(50, 2, 1, 2, 26 << 10));
        // 5 groups of units by 3 of rows: 3 blocks with all units of a group of rows each.
        assertThat(lstm(37, 75, Precision.F16, new Card(4, 227 << 10, true)).forward())
                .contains(new Grid(1, 3, 5, 1, 20 << 10));
    }

    @Test
    void noBlockIsWithoutWork() {
        for (int hidden = 1; hidden < 1200; hidden += 37) {
            for (int batch = 1; batch < 400; batch += 23) {
                PersistentSize size = lstm(hidden, batch, Precision.F16, H100);
                check(size.forward().orElseThrow(), (hidden + 7) / 8, (batch + 31) / 32);
                check(size.backward().orElseThrow(), (hidden + 15) / 16, (batch + 15) / 16);
            }
        }
    }

    private static void check(Grid grid, int units, int rows) {
        assertThat(grid.columns() * grid.rows()).isBetween(1, 132);
        assertThat(grid.columns() * grid.width()).isBetween(units, units + grid.width() - 1);
        assertThat(grid.rows() * grid.rounds()).isBetween(rows, rows + grid.rows() - 1);
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void everyGroupOfBlocksHasAWord(Cell cell) {
        for (int batch = 1; batch < 3000; batch += 29) {
            PersistentSize size = new PersistentSize(new FusedSize(cell, 20, Precision.F32), batch, H100);
            long words = size.wordBytes() / 128;
            assertThat(words).isGreaterThan(size.forward().orElseThrow().rows());
            assertThat(words).isGreaterThan(size.backward().orElseThrow().rows());
        }
    }

    /** The table of docs/cuda-engine.md: the most units of an LSTM. */
    @ParameterizedTest
    @CsvSource({
        "40, 64, 320, 416, 240, 208",
        "108, 163, 1024, 1216, 864, 608",
        "82, 99, 656, 704, 528, 352",
        "128, 99, 1024, 704, 528, 352",
        "132, 227, 1536, 1728, 1056, 864",
        "148, 227, 1536, 1728, 1184, 864",
        "170, 99, 1056, 704, 528, 352"
    })
    void takesSoManyUnits(int multiprocessors, int kib, int f16, int f16Backward, int f32, int f32Backward) {
        Card card = new Card(multiprocessors, kib << 10, true);
        assertThat(new int[] {
                    most(Precision.F16, card, PersistentSize::forward),
                    most(Precision.F16, card, PersistentSize::backward),
                    most(Precision.F32, card, PersistentSize::forward),
                    most(Precision.F32, card, PersistentSize::backward)
                })
                .containsExactly(f16, f16Backward, f32, f32Backward);
    }

    private static int most(Precision precision, Card card, Function<PersistentSize, Optional<Grid>> pass) {
        return IntStream.rangeClosed(1, 4000)
                .filter(hidden -> pass.apply(lstm(hidden, 32, precision, card)).isPresent())
                .max()
                .orElse(0);
    }
}
