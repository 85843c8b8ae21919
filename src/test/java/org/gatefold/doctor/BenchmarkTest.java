package org.gatefold.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.op.Cell;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.RecurrentOp;
import org.gatefold.op.RecurrentSpec;
import org.junit.jupiter.api.Test;

class BenchmarkTest {
    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 4, 2, 8, 16);

    @Test
    void hasARowForEveryModeAndPrecisionThatAnImplementationTakes() {
        try (Device device = Devices.cpu()) {
            RecurrentOp op = device.operation(RecurrentOp.class);
            List<BenchmarkRow> rows = new Benchmark(device, List.of(SPEC)).run(List.of(op));
            assertThat(rows)
                    .filteredOn(row -> row.spec().precision() == Precision.F32)
                    .extracting(BenchmarkRow::mode)
                    .containsExactly(Mode.values());
            assertThat(rows).allSatisfy(row -> {
                assertThat(row.implementation()).isEqualTo(op.name());
                assertThat(row.seconds()).isPositive();
                assertThat(row.gemmFlops()).isPositive();
                assertThat(row.bytes()).isPositive();
            });
            assertThat(device.bytesInUse()).isZero();
        }
    }

    @Test
    void countsTheOperationsOfTheProducts() {
        // Forward: 2 operations for each of T * B * 4H * (I + H) elements of the products.
        double forward = 2.0 * 4 * 2 * 4 * 16 * (8 + 16);
        BenchmarkRow inference = new BenchmarkRow(SPEC, Mode.INFERENCE, "x", 0.5, 1e6, 0);
        assertThat(inference.flops()).isCloseTo(forward / 0.5, within(1e-6));
        assertThat(inference.microsecondsPerStep()).isCloseTo(125_000, within(1e-6));
        assertThat(inference.partOfGemm()).isCloseTo(forward / 0.5 / 1e6, within(1e-9));
        assertThat(new BenchmarkRow(SPEC, Mode.TRAINING, "x", 0.5, 1e6, 0).flops())
                .isCloseTo(3 * forward / 0.5, within(1e-6));
    }
}
