package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.tensor.Form;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class InitializerTest {
    private static final int ROWS = 400;
    private static final int COLUMNS = 100;

    /** Expected standard deviations: a uniform distribution within ±a has a/√3. */
    @ParameterizedTest
    @CsvSource({
        "uniform(0.3), 0.173205, 0.3",
        "uniform_inverse_sqrt, 0.144338, 0.25",
        "normal(0.5), 0.5, 100",
        "glorot_uniform, 0.0632456, 0.109545",
        "glorot_normal, 0.0632456, 100",
        "he_uniform, 0.141421, 0.244949",
        "he_normal, 0.141421, 100"
    })
    void distributionsHaveTheirDeviationAndBound(String name, double deviation, double bound) {
        float[] values = Initializer.parse(name).values(ROWS, COLUMNS, 16, 99);
        double sum = 0;
        double squares = 0;
        double largest = 0;
        for (float value : values) {
            sum += value;
            squares += (double) value * value;
            largest = Math.max(largest, Math.abs(value));
        }
        double mean = sum / values.length;
        // Five standard errors of the mean of 40,000 draws, and about as many of their deviation.
        assertThat(mean).isCloseTo(0, within(deviation * 0.025));
        assertThat(Math.sqrt(squares / values.length - mean * mean)).isCloseTo(deviation, within(deviation * 0.02));
        assertThat(largest).isLessThanOrEqualTo(bound * (1 + 1e-6));
    }

    @ParameterizedTest
    @CsvSource({"12, 5", "5, 12", "6, 6", "1, 9", "40, 33", "290, 270"})
    void orthogonalMatricesHaveOrthonormalRowsOrColumns(int rows, int columns) {
        float[] q = Initializer.ORTHOGONAL.values(rows, columns, 1, 4);
        int count = Math.min(rows, columns);
        int length = Math.max(rows, columns);
        for (int a = 0; a < count; a++) {
            for (int b = 0; b < count; b++) {
                double product = 0;
                for (int k = 0; k < length; k++) {
                    double left = rows >= columns ? q[k * columns + a] : q[a * columns + k];
                    double right = rows >= columns ? q[k * columns + b] : q[b * columns + k];
                    product += left * right;
                }
                assertThat(product).isCloseTo(a == b ? 1 : 0, within(1e-6));
            }
        }
    }

    static Stream<Initializer> all() {
        return Stream.of(
                Initializer.ZEROS,
                Initializer.constant(2f),
                Initializer.uniform(0.1f),
                Initializer.normal(0.02f),
                Initializer.UNIFORM_INVERSE_SQRT,
                Initializer.GLOROT_UNIFORM,
                Initializer.GLOROT_NORMAL,
                Initializer.HE_UNIFORM,
                Initializer.HE_NORMAL,
                Initializer.ORTHOGONAL);
    }

    @ParameterizedTest
    @MethodSource("all")
    void namesAreReadBack(Initializer initializer) {
        assertThat(Initializer.parse(initializer.toString())).isEqualTo(initializer);
    }

    @Test
    void wrongNamesAreRefused() {
        assertThatThrownBy(() -> Initializer.parse("xavier"))
                .hasMessage("initializer: expected a name such as glorot_uniform or uniform(0.1), got 'xavier'");
        assertThatThrownBy(() -> Initializer.constant(Float.NaN)).hasMessageContaining("expected a finite value");
    }

    @Test
    void seedsDecide() {
        float[] first = Initializer.GLOROT_UNIFORM.values(3, 4, 1, 7);
        assertThat(Initializer.GLOROT_UNIFORM.values(3, 4, 1, 7)).isEqualTo(first);
        assertThat(Initializer.GLOROT_UNIFORM.values(3, 4, 1, 8)).isNotEqualTo(first);
    }

    @Test
    void anLstmStartsAsDocumented() {
        try (Device device = Devices.named("reference");
                Scope scope = device.openScope("model")) {
            ParameterStore store = new ParameterStore();
            Lstm.of(3).layers(2).build(store, "keras", Form.sequences(2));
            Lstm.of(3).torchInitializers().build(store, "torch", Form.sequences(2));
            Gru.of(3).build(store, "gru", Form.sequences(2));
            store.allocate(scope, 5);

            float[] bias = {0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0};
            assertThat(store.get("keras.0.forward.b").value().toFloats()).isEqualTo(bias);
            assertThat(store.get("keras.1.forward.b").value().toFloats()).isEqualTo(bias);
            assertThat(store.get("gru.0.forward.b").value().toFloats()).containsOnly(0f);
            for (Parameter parameter : store.list()) {
                if (parameter.name().startsWith("torch")) {
                    for (float value : parameter.value().toFloats()) {
                        assertThat(Math.abs(value)).isBetween(1e-7f, (float) (1 / Math.sqrt(3)));
                    }
                }
            }
            assertThat(store.get("keras.0.forward.wh").value().toFloats())
                    .isNotEqualTo(store.get("keras.1.forward.wh").value().toFloats());
        }
    }
}
