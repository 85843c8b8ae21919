package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.gatefold.device.OutOfMemoryException;
import org.gatefold.device.Scope;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** What every device's memory is held to. */
abstract class MemoryContract extends OperationContract<ElementwiseOp> {
    MemoryContract() {
        super(ElementwiseOp.class);
    }

    @Test
    void givesBackWhatWasWritten() {
        float[] floats = gaussian(1, 1000);
        int[] integers = new Random(2).ints(777).toArray();
        Tensor f = scope.f32("f", 10, 100);
        Tensor i = scope.i32("i", 777);
        f.write(floats);
        i.write(integers);
        assertThat(f.toFloats()).containsExactly(floats);
        assertThat(i.toInts()).containsExactly(integers);
        f.write(995, new float[] {0, 1, 2, 3, 4, 5, 6}, 1, 5);
        float[] end = new float[7];
        f.read(994, end, 1, 6);
        assertThat(end).containsExactly(0, floats[994], 1, 2, 3, 4, 5);
        f.part("middle", 500, Shape.of(3)).fill(7f);
        f.read(499, end, 0, 5);
        assertThat(end).startsWith(floats[499], 7, 7, 7, floats[503]);
    }

    @Test
    void fillsAndCopies() {
        Tensor a = scope.f32("a", 3, 5);
        a.fill(-0.0f);
        assertThat(Float.floatToRawIntBits(a.toFloats()[14])).isEqualTo(0x80000000);
        Tensor b = scope.i32("b", 9);
        b.fill(-7);
        assertThat(b.toInts()).containsOnly(-7);
        Tensor c = scope.f32("c", 15);
        a.write(gaussian(3, 15));
        c.copyFrom(a);
        assertThat(c.toFloats()).containsExactly(a.toFloats());
        assertThat(scope.zeros("zeros", 4, 4).toFloats()).containsOnly(0f);
    }

    @Test
    void tensorsOfOneScopeDoNotOverlap() {
        Tensor[] tensors = new Tensor[60];
        for (int i = 0; i < tensors.length; i++) {
            tensors[i] = scope.i32("t" + i, 1 + i * i * 7);
            tensors[i].fill(i);
        }
        for (int i = 0; i < tensors.length; i++) {
            assertThat(tensors[i].toInts()).as("tensor %d", i).containsOnly(i);
        }
    }

    @Test
    void largeBlocksAreGivenAndTakenBack() {
        for (int round = 0; round < 20; round++) {
            try (Scope own = subject.device().openScope("large")) {
                Tensor large = own.f32("large", 12 << 20);
                large.write((12 << 20) - 1, new float[] {round}, 0, 1);
                assertThat(subject.device().bytesInUse()).isGreaterThanOrEqualTo(48 << 20);
            }
            assertThat(subject.device().bytesInUse()).isZero();
        }
    }

    @Test
    void whatIsTooLargeIsRefusedAndHarmsNothing() {
        Tensor before = scope.f32("before", 8);
        before.fill(3f);
        assertThatThrownBy(() -> scope.f32("monster", 1 << 20, 1 << 20))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessageStartingWith("scope 'test' on " + subject.device().name()
                        + " cannot allocate 4398046511104 bytes for tensor 'monster' beside the 256 it uses: ");
        assertThat(before.toFloats()).containsOnly(3f);
        assertThat(scope.f32("after", 8).elements()).isEqualTo(8);
    }

    @Test
    void repeatedStepsTakeNoMemoryAfterTheSecond() {
        long capacity = 0;
        for (int step = 0; step < 5; step++) {
            for (int i = 0; i < 30; i++) {
                scope.f32("t" + i, 1000 * (i + 1));
            }
            scope.reset();
            if (step == 0) {
                capacity = scope.capacity();
            }
            assertThat(scope.capacity()).isEqualTo(capacity);
            assertThat(subject.device().bytesInUse()).isEqualTo(capacity);
        }
    }
}
