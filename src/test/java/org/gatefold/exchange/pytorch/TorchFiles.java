package org.gatefold.exchange.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.gatefold.data.Column;
import org.gatefold.file.NumpyArray;
import org.gatefold.layer.Layer;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.model.Prediction;
import org.gatefold.tensor.Form;

/** Files and values of PyTorch 1.13, by {@code ci/interop/torch_files.py}. */
final class TorchFiles {
    private TorchFiles() {}

    static Path file(String name) {
        try {
            return Path.of(TorchFiles.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static NumpyArray array(String file, String name) throws IOException {
        return NumpyArray.readAll(file(file)).get(name);
    }

    static Network network(Form input, Layer... layers) {
        Network.Builder builder = Network.sequential(input);
        for (Layer layer : layers) {
            builder.add(layer);
        }
        return builder.build();
    }

    /** Sequences of an array {@code [B, T, F]}. */
    static float[][][] sequences(NumpyArray array) {
        int[] shape = array.shape();
        float[] values = array.floats();
        float[][][] sequences = new float[shape[0]][shape[1]][shape[2]];
        int next = 0;
        for (float[][] row : sequences) {
            for (float[] step : row) {
                for (int i = 0; i < step.length; i++) {
                    step[i] = values[next++];
                }
            }
        }
        return sequences;
    }

    /** Checks all outputs of a model against an array of the same layout. */
    static void assertOutputs(Model model, Column input, NumpyArray expected, float tolerance) {
        Map<String, Prediction> outputs = model.predict(input);
        Prediction output = outputs.values().iterator().next();
        float[] wanted = expected.floats();
        int next = 0;
        for (float[][] row : output.form().sequence() ? output.sequences() : new float[][][] {output.rows()}) {
            for (float[] step : row) {
                for (float value : step) {
                    assertThat(value).as("output %d", next).isCloseTo(wanted[next++], Offset.offset(tolerance));
                }
            }
        }
        assertThat(next).isEqualTo(wanted.length);
    }
}
