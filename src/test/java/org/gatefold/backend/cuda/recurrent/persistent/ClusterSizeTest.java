package org.gatefold.backend.cuda.recurrent.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.gatefold.backend.cuda.recurrent.fused.FusedSize;
import org.gatefold.backend.cuda.recurrent.persistent.ClusterSize.Card;
import org.gatefold.backend.cuda.recurrent.persistent.ClusterSize.Grid;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterSizeTest {
    private static final Card H100 = new Card(132, 227 << 10, 228 << 10);

    private static ClusterSize lstm(int hidden, int batch, Precision precision, Card card) {
        return new ClusterSize(new FusedSize(Cell.LSTM, hidden, precision), batch, 1, card);
    }

    @Test
    void aClusterHasTheFewestRowsThatAllClustersCanBeThereWith() {
        ClusterSize small = lstm(256, 32, Precision.F16, H100);
        // 64 KiB of weights, and twice 8 rows of 512 bytes, 64 apart; backward rows have four gates.
        assertThat(small.forward()).contains(new Grid(4, 4, 8, 1, (64 << 10) + 2 * 8 * (512 + 64)));
        assertThat(small.backward()).contains(new Grid(4, 2, 8, 1, (64 << 10) + 2 * 8 * (2048 + 64)));
        // Two blocks a multiprocessor: 28 clusters side by side, so that 32 of 32 rows take as many waves as 42 of 24.
        Grid large = lstm(128, 1000, Precision.F16, H100).forward().orElseThrow();
        assertThat(large.rows()).isEqualTo(24);
        assertThat(large.waves()).isEqualTo(2);
        assertThat(lstm(128, 1000, Precision.F16, H100).backward().map(Grid::waves))
                .contains(3);
    }

    /** 320 units take a whole multiprocessor a block: 14 clusters side by side. */
    @Test
    void countsOnFewerClustersThanThereAreMultiprocessorsFor() {
        assertThat(lstm(320, 112, Precision.F16, H100).forward().map(Grid::rows))
                .contains(8);
        assertThat(lstm(320, 113, Precision.F16, H100).forward().map(Grid::rows))
                .contains(16);
    }

    @Test
    void clustersOfBothDirectionsRunSideBySide() {
        FusedSize size = new FusedSize(Cell.LSTM, 320, Precision.F16);
        assertThat(new ClusterSize(size, 56, 2, H100).forward().map(Grid::rows)).contains(8);
        assertThat(new ClusterSize(size, 57, 2, H100).forward().map(Grid::rows)).contains(16);
    }

    @Test
    void rowsStandApartSoThatTheyShareNoBank() {
        assertThat(lstm(256, 8, Precision.F32, H100).forward().map(Grid::sharedBytes))
                .contains((128 << 10) + 2 * 8 * (1024 + 16));
        assertThat(lstm(240, 8, Precision.TF32, H100).forward().map(Grid::sharedBytes))
                .as("already an odd number of segments")
                .contains(32 * 4 * 960 + 2 * 8 * 960);
    }

    @Test
    void everyRowHasACluster() {
        for (int hidden = 1; hidden < 380; hidden += 37) {
            for (int batch = 1; batch < 2000; batch += 123) {
                ClusterSize size = lstm(hidden, batch, Precision.F16, H100);
                check(size.forward().orElseThrow(), (hidden + 7) / 8, batch);
                check(size.backward().orElseThrow(), (hidden + 15) / 16, batch);
            }
        }
    }

    private static void check(Grid grid, int units, int batch) {
        assertThat(grid.width() * ClusterSize.BLOCKS).isBetween(units, units + ClusterSize.BLOCKS - 1);
        assertThat(grid.clusters() * grid.rows()).isBetween(batch, batch + grid.rows() - 1);
        assertThat(grid.rows() % 8).isZero();
    }

    /** The table of docs/cuda-engine.md: the most units of an LSTM. */
    @ParameterizedTest
    @CsvSource({"132, 227, 384, 384, 272, 256", "148, 227, 384, 384, 272, 256", "170, 99, 224, 224, 144, 128"})
    void takesSoManyUnits(int multiprocessors, int kib, int f16, int f16Backward, int f32, int f32Backward) {
        Card card = new Card(multiprocessors, kib << 10, (kib + 1) << 10);
        assertThat(new int[] {
                    most(Precision.F16, card, ClusterSize::forward),
                    most(Precision.F16, card, ClusterSize::backward),
                    most(Precision.F32, card, ClusterSize::forward),
                    most(Precision.F32, card, ClusterSize::backward)
                })
                .containsExactly(f16, f16Backward, f32, f32Backward);
    }

    private static int most(Precision precision, Card card, Function<ClusterSize, Optional<Grid>> pass) {
        return IntStream.rangeClosed(1, 2000)
                .filter(hidden -> pass.apply(lstm(hidden, 32, precision, card)).isPresent())
                .max()
                .orElse(0);
    }

    @Test
    void needsRoomForAWholeCluster() {
        assertThat(lstm(20, 2, Precision.F32, new Card(3, 99 << 10, 100 << 10)).forward())
                .isEmpty();
        assertThat(lstm(20, 2, Precision.F32, new Card(4, 99 << 10, 100 << 10)).forward())
                .isPresent();
    }
}
