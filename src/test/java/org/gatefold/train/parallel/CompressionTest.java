package org.gatefold.train.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
    @ParameterizedTest
    @ValueSource(strings = {"none", "bf16", "top:0.01"})
    void namesAreReadBack(String name) {
        assertThat(Compression.of(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fp16", "top:", "top:x"})
    void otherNamesAreRefused(String name) {
        assertThatThrownBy(() -> Compression.of(name))
                .hasMessage("compression: expected none, bf16 or top:F, as in top:0.01, got '" + name + "'");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.5, 1.5, Double.NaN})
    void aFractionIsOneOfTheWhole(double fraction) {
        assertThatThrownBy(() -> Compression.top(fraction))
                .hasMessage("fraction: expected a number above 0 and at most 1, got " + fraction);
    }

    /** Values by ml_dtypes 0.6.0 and NumPy: {@code np.float32(x).astype(ml_dtypes.bfloat16).astype(np.float32)}. */
    @ParameterizedTest
    @CsvSource({
        "1.00390625, 1.0",
        "1.01171875, 1.015625",
        "1.0039064, 1.0078125",
        "-3.1415927, -3.140625",
        "1e-40, 9.1835e-41",
        "3.4028235e38, Infinity",
        "-Infinity, -Infinity"
    })
    void numbersAreRoundedToTheNearest(float value, float expected) {
        assertThat(Wire.BF16.rounded(value)).isEqualTo(expected);
        float[] values = {value};
        ByteBuffer buffer = ByteBuffer.allocate(2);
        Wire.BF16.put(buffer, values, 0, 1);
        float[] back = new float[1];
        Wire.BF16.get(buffer.flip(), back, 0, 1);
        assertThat(values[0]).isEqualTo(expected);
        assertThat(back[0]).isEqualTo(expected);
    }

    @Test
    void whatIsNoNumberStaysNone() {
        // Its lower half alone says that it is none.
        float value = Float.intBitsToFloat(0x7F800001);
        assertThat(Wire.BF16.rounded(value)).isNaN();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "10, 3", "1000, 1", "1000, 37", "1000, 1000", "70000, 900"})
    void theLargestAreTakenAndTheRestStays(int count, int most) {
        Random random = new Random(count);
        float[] values = new float[count + 1];
        for (int i = 0; i < count; i++) {
            // Many are equal.
            values[i] = Math.round(random.nextGaussian() * 50) / 16f;
        }
        values[count] = 99;
        List<Integer> expected = IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparing((Integer i) -> -Math.abs(values[i])))
                .limit(most)
                .sorted()
                .toList();
        float[] rest = values.clone();
        ByteBuffer told = ByteBuffer.wrap(LargestNumbers.take(rest, count, most));
        List<Integer> places = new ArrayList<>();
        while (told.hasRemaining()) {
            int place = told.getInt();
            places.add(place);
            assertThat(told.getFloat()).isEqualTo(values[place]);
            assertThat(rest[place]).isZero();
            rest[place] = values[place];
        }
        assertThat(places).isEqualTo(expected);
        assertThat(rest).isEqualTo(values);
    }

    @Test
    void whatIsNotFiniteIsToldFirst() {
        float[] values = {1, Float.NaN, 3, Float.NEGATIVE_INFINITY};
        float[] sums = new float[4];
        LargestNumbers.add(List.of(LargestNumbers.take(values, 4, 2)), sums, 4);
        assertThat(sums).containsExactly(0, Float.NaN, 0, Float.NEGATIVE_INFINITY);
        assertThat(values).containsExactly(1, 0, 3, 0);
    }

    @Test
    void whatIsToldIsAddedUp() {
        float[] sums = {9, 9, 9};
        byte[] first = LargestNumbers.take(new float[] {1, -5, 0.5f}, 3, 1);
        byte[] second = LargestNumbers.take(new float[] {1, 2, 4}, 3, 2);
        LargestNumbers.add(List.of(first, second), sums, 3);
        assertThat(sums).containsExactly(0, -3, 4);
        assertThatThrownBy(() -> LargestNumbers.add(List.of(second), sums, 2))
                .isInstanceOf(CollectiveException.class)
                .hasMessage("a worker told number 2 of 2");
    }
}
