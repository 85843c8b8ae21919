package org.gatefold.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.gatefold.data.Column;
import org.gatefold.file.NumpyArray;
import org.gatefold.layer.Layer;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.model.Prediction;
import org.gatefold.tensor.Form;

/** Files of other systems and the values that they give, of one folder of resources; by the scripts in {@code ci/interop}. */
public final class ForeignFiles {
    private final Class<?> test;

    /** Those beside a test. */
    public ForeignFiles(Class<?> test) {
        this.test = test;
    }

    public Path file(String name) {
        try {
            return Path.of(test.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public NumpyArray array(String file, String name) throws IOException {
        return NumpyArray.readAll(file(file)).get(name);
    }

    public static Network network(Form input, Layer... layers) {
        Network.Builder builder = Network.sequential(input);
        for (Layer layer : layers) {
            builder.add(layer);
        }
        return builder.build();
    }

    /** Sequences of an array {@code [B, T, F]}. */
    public static float[][][] sequences(NumpyArray array) {
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

    /** Checks all outputs of a model with one against an array of the same layout. */
    public static void assertOutputs(Model model, Column input, NumpyArray expected, float tolerance) {
        assertValues(model.predict(input).values().iterator().next(), expected, tolerance);
    }

    /** Checks an output against an array of the same layout. */
    public static void assertValues(Prediction output, NumpyArray expected, float tolerance) {
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
