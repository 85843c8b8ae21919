package org.gatefold.exchange.pytorch;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.util.Map;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.ForeignFiles;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints as people's programs save them, of PyTorch 1.13, by {@code ci/interop/torch_checkpoints.py}. */
class CheckpointFilesTest {
    private static final float TOLERANCE = 2e-6f;
    private static final ForeignFiles FILES = new ForeignFiles(CheckpointFilesTest.class);

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    private static Model model(Device device) {
        return ForeignFiles.network(
                        Form.sequences(3),
                        Lstm.of(4).returnSequences().named("lstm"),
                        Linear.of(2).named("fc"))
                .on(device)
                .build();
    }

    /** A loss beside the weights, other things of Python's, prefixes, views of one storage, strides, and weights as lengths and directions. */
    @ParameterizedTest
    @CsvSource({
        "loss.pt, plain",
        "unnamed.pt, plain",
        "lightning.ckpt, plain",
        "parallel.pth, plain",
        "beside.pt, plain",
        "strided.pt, plain",
        "shared.pt, plain",
        "parameters.pt, plain",
        "rows.pt, rows",
        "whole.pt, whole",
        "parametrized.pt, rows"
    })
    void isRead(String file, String outputs) throws IOException {
        try (Device device = Devices.cpu();
                Model model = model(device)) {
            StateDict.load(model, FILES.file("checkpoints/" + file), Map.of());

            ForeignFiles.assertOutputs(
                    model,
                    Column.sequences("x", ForeignFiles.sequences(FILES.array("checkpoints/outputs.npz", "x"))),
                    FILES.array("checkpoints/outputs.npz", outputs),
                    TOLERANCE);
        }
    }

    @Test
    void lengthsOfOtherShapesStayByThemselves() {
        try (Device device = Devices.cpu();
                Model model = ForeignFiles.network(Form.sequences(3), Linear.of(2))
                        .on(device)
                        .build()) {
            assertThatThrownBy(() -> StateDict.load(model, FILES.file("checkpoints/rows.pt"), Map.of()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("nothing fits layer 'linear'");
        }
    }
}
