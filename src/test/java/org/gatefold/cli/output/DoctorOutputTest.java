package org.gatefold.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.gatefold.doctor.BenchmarkRow;
import org.gatefold.doctor.Facts;
import org.gatefold.doctor.Finding;
import org.gatefold.doctor.Report;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.verify.Extent;
import org.junit.jupiter.api.Test;

class DoctorOutputTest {
    private static final Facts FACTS = new Facts(Map.of("Java", "17"), "cuda:0", "a card", Map.of("driver", "560.1"));
    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 10, 2, 8, 16);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    /** Buffered, so that only what is flushed is seen. */
    private final DoctorOutput output =
            new DoctorOutput(new PrintWriter(new BufferedOutputStream(bytes, 1 << 16), false, StandardCharsets.UTF_8));

    /** What a user sees by now, without what was seen by the call before. */
    private String seen() {
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        return text;
    }

    private static Finding finding(Finding.Verdict verdict, double error, String reason) {
        return new Finding("Recurrent", "LSTM, F32", "T1", "cuda.steps", verdict, error, 1e-5, reason, 0.25);
    }

    private static BenchmarkRow row(Mode mode, Precision precision, String implementation, double seconds) {
        return new BenchmarkRow(SPEC.withPrecision(precision), mode, implementation, seconds, 1e12, 1 << 20);
    }

    @Test
    void showsWhatBeginsAtOnceAndTheRestOfTheLineWhenItIsDone() {
        output.started(FACTS);
        assertThat(seen()).startsWith("cuda:0: a card\n").contains("driver  560.1", "operation ", "verdict\n");
        output.checking("Recurrent", "LSTM, F32", "cuda.steps");
        assertThat(seen()).matches(" *Recurrent: LSTM, F32 +cuda.steps *");
        output.checked(
                List.of(finding(Finding.Verdict.PASS, 2e-7, ""), finding(Finding.Verdict.FAIL, 0.5, "error of y 0.5")));
        List<String> lines = seen().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).matches(" +2 +5.0e-01 +1e-05 +0.50 +FAIL \\(1\\)");
        assertThat(lines.get(1)).isEqualTo("FAIL cuda.steps, Recurrent: LSTM, F32, T1: error of y 0.5");
    }

    @Test
    void columnsStandBelowTheirTitles() {
        output.started(FACTS);
        output.checking("Recurrent", "RNN_TANH, BF16", "cuda.cudnn.persist-dynamic");
        output.checked(List.of(finding(Finding.Verdict.PASS, 2e-7, "")));
        List<String> lines = seen().lines().toList();
        String title = lines.get(lines.size() - 2);
        String row = lines.get(lines.size() - 1);
        assertThat(row.indexOf("cuda.cudnn")).isEqualTo(title.indexOf("implementation"));
        assertThat(row.indexOf("1e-05") + 5).isEqualTo(title.indexOf("limit") + 5);
        assertThat(row).hasSameSizeAs(title);
    }

    @Test
    void layersOfOneShapeStandTogetherAndTheFastestIsNamed() {
        List<BenchmarkRow> rows = List.of(
                row(Mode.INFERENCE, Precision.F32, "cuda.steps", 2e-4),
                row(Mode.INFERENCE, Precision.F32, "cuda.fused", 1e-4),
                row(Mode.INFERENCE, Precision.F16, "cuda.steps", 1e-4),
                row(Mode.TRAINING, Precision.F32, "cuda.steps", 4e-4));
        output.benchmarking(4);
        assertThat(seen()).contains("timing 4 LSTM layers");
        output.timed(rows.get(0));
        // 2·T·B·4H·(I+H) = 61440 operations in 0.2 ms.
        assertThat(seen())
                .contains("T10 B2 I8 H16, inference\n")
                .containsPattern("F32 +cuda.steps +20.00 +0.000 +0 +0.200 +1.0\n");
        output.timed(rows.get(1));
        assertThat(seen()).as("no second heading").matches(" +F32 +cuda.fused +10.00 .*\n");
        output.timed(rows.get(2));
        assertThat(seen()).matches(" +F16 +cuda.steps .*\n");
        output.timed(rows.get(3));
        assertThat(seen()).contains("T10 B2 I8 H16, fwd+bwd\n");
        output.finish(new Report(FACTS, Extent.FULL, List.of(), rows, ""));
        assertThat(seen())
                .containsPattern("inference +F32 +10.00 +20.00 +cuda.fused, before cuda.steps")
                .contains("F32 GEMM of this run: 1.000 TFLOP/s")
                .doesNotContain("F16", "fwd+bwd"); // no competition
    }

    @Test
    void namesTheImplementationsThatWereNotTimed() {
        Finding failed = finding(Finding.Verdict.FAIL, 0.5, "error of y 0.5");
        output.finish(new Report(FACTS, Extent.FULL, List.of(failed, failed), List.of(), ""));
        assertThat(seen()).contains("not timed, since checks failed: cuda.steps\n");
        output.finish(new Report(FACTS, Extent.QUICK, List.of(failed), List.of(), "a quick one"));
        assertThat(seen()).doesNotContain("not timed");
    }
}
