package org.gatefold.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TensorTest {
    private Device device;
    private Scope scope;

    @BeforeEach
    @SuppressWarnings("MustBeClosedChecker") // closed after each test
    void open() {
        device = Devices.named("reference");
        scope = device.openScope("tensors");
    }

    @AfterEach
    void close() {
        scope.close();
        device.close();
    }

    @Test
    void rowsPartsAndShapesShareTheMemory() {
        Tensor tensor = scope.f32("x", 4, 3);
        tensor.write(0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f, 9f, 10f, 11f);
        assertThat(tensor.rows(1, 2).toFloats()).containsExactly(3, 4, 5, 6, 7, 8);
        assertThat(tensor.rows(1, 2).rows(1, 1).toFloats()).containsExactly(6, 7, 8);
        assertThat(tensor.part("p", 5, Shape.of(2, 2)).toFloats()).containsExactly(5, 6, 7, 8);
        tensor.reshape(6, 2).rows(5, 1).fill(-1f);
        assertThat(tensor.rows(3, 1).toFloats()).containsExactly(9, -1, -1);
        assertThat(tensor.rows(0, 2).overlaps(tensor.rows(2, 2))).isFalse();
        assertThat(tensor.rows(0, 3).overlaps(tensor.rows(2, 2))).isTrue();
        assertThat(tensor.overlaps(scope.f32("other", 4, 3))).isFalse();
    }

    @Test
    void rangesOutsideAreRefusedHoweverLarge() {
        Tensor tensor = scope.f32("x", 4, 3);
        float[] values = new float[12];
        long[] starts = {-1, 12, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 3};
        for (long start : starts) {
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> tensor.write(start, values, 0, 4))
                    .withMessageStartingWith("x: elements " + start);
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> tensor.read(start, values, 0, 4));
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> tensor.part("p", start, Shape.of(4)));
        }
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> tensor.rows(Integer.MAX_VALUE, Integer.MAX_VALUE));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> tensor.rows(3, 2));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> tensor.write(0, values, 10, 4));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> tensor.read(0, values, -1, 4));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> tensor.write(0, values, 0, -1));
    }

    @Property(tries = 200)
    void aRangeIsWrittenOrRefusedButNothingElseMoves(
            @ForAll @IntRange(min = -3, max = 12) int at, @ForAll @IntRange(min = -2, max = 12) int count) {
        try (Device own = Devices.named("reference");
                Scope room = own.openScope("range")) {
            Tensor whole = room.zeros("whole", 10);
            Tensor tensor = whole.part("middle", 2, Shape.of(6));
            float[] ones = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
            boolean fits = at >= 0 && count >= 0 && at + count <= 6;
            if (fits) {
                tensor.write(at, ones, 0, count);
            } else {
                assertThatExceptionOfType(IndexOutOfBoundsException.class)
                        .isThrownBy(() -> tensor.write(at, ones, 0, count));
            }
            float[] all = whole.toFloats();
            for (int i = 0; i < all.length; i++) {
                boolean written = fits && i >= 2 + at && i < 2 + at + count;
                assertThat(all[i]).as("element %d", i).isEqualTo(written ? 1f : 0f);
            }
        }
    }

    @Test
    void wordsItsErrors() {
        Tensor tensor = scope.f32("x", 2, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tensor.write(1f, 2f))
                .withMessage("x: expected 6 elements for shape [2, 3], got 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tensor.write(1, 2, 3, 4, 5, 6))
                .withMessage("x: expected elements of I32, got F32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tensor.reshape(4, 2))
                .withMessage("x: cannot reshape [2, 3] to [4, 2]: the number of elements differs");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tensor.copyFrom(tensor.reshape(6)))
                .withMessage("x overlaps x");
        assertThat(tensor).hasToString("x F32[2, 3] in host");
    }

    @Test
    void namesWhatAnIntCannotCount() {
        Tensor tensor = UnbackedTensor.of("x", 1 << 16, 1 << 16, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(tensor::matrix)
                .withMessage("x: expected at most 2147483647 rows, got 4294967296 in [65536, 65536, 1]");
        assertThatIllegalArgumentException()
                .isThrownBy(tensor::toFloats)
                .withMessage(
                        "x: expected at most 2147483639 elements for an array, got 4294967296 in [65536, 65536, 1]");
        assertThat(UnbackedTensor.of("x", 4, 1 << 16, 1 << 16).matrix().shape()).isEqualTo(Shape.of(4 << 16, 1 << 16));
    }
}
