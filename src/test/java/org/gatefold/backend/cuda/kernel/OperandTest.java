package org.gatefold.backend.cuda.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.UnaryOperator;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.contract.Subject;
import org.gatefold.device.Scope;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Conversions to half precision, against bit patterns of IEEE 754 and of bfloat16. */
class OperandTest {
    /** Eleven, so that the last four are not whole. */
    private static final float[] VALUES = {
        1f, -0f, 1f + 0x1p-11f, 1f + 0x1.8p-10f, 65519f, 65520f, 0x1p-24f, 0x1p-25f, 0x1.8p-25f, 1f + 0x1p-8f, Float.NaN
    };

    private static final int[] F16 = {
        0x3C00, 0x8000, 0x3C00, 0x3C02, 0x7BFF, 0x7C00, 0x0001, 0x0000, 0x0001, 0x3C04, 0x7FFF
    };
    private static final int[] BF16 = {
        0x3F80, 0x8000, 0x3F80, 0x3F80, 0x4780, 0x4780, 0x3380, 0x3300, 0x3340, 0x3F80, 0x7FFF
    };

    private Subject subject;
    private CudaContext context;
    private Kernels kernels;

    @BeforeEach
    void open() {
        subject = Subject.open("cuda:0", "cuda.steps", RecurrentOp.class);
        context = new CudaContext(0);
        kernels = new Kernels(context, KernelCache.standard(), new KernelSources(UnaryOperator.identity()));
    }

    @AfterEach
    void close() {
        kernels.close();
        context.close();
        subject.close();
    }

    /** Converts from and to places that are {@code skipped} elements off alignment. */
    private int[] converted(Operand operand, int skipped) {
        try (Scope scope = subject.device().openScope("operands")) {
            float[] shifted = new float[skipped + VALUES.length];
            System.arraycopy(VALUES, 0, shifted, skipped, VALUES.length);
            Tensor x = scope.f32("x", shifted.length);
            x.write(shifted);
            int words = (skipped + VALUES.length + 1) / 2;
            Tensor halves = scope.i32("halves", words);
            halves.write(new int[words]);
            subject.device().synchronize();
            operand.convert(
                    kernels,
                    context.stream(),
                    x.address() + (long) skipped * Float.BYTES,
                    halves.address() + (long) skipped * operand.bytes(),
                    VALUES.length);
            context.synchronize();
            int[] pairs = halves.toInts();
            int[] result = new int[VALUES.length];
            for (int i = 0; i < result.length; i++) {
                int at = skipped + i;
                result[i] = pairs[at / 2] >>> (16 * (at % 2)) & 0xFFFF;
            }
            return result;
        }
    }

    @Test
    void roundsToHalfPrecision() {
        assertThat(converted(Operand.F16, 0)).isEqualTo(F16);
        assertThat(converted(Operand.F16, 1)).isEqualTo(F16);
    }

    @Test
    void roundsToBfloat16() {
        assertThat(converted(Operand.BF16, 0)).isEqualTo(BF16);
        assertThat(converted(Operand.BF16, 3)).isEqualTo(BF16);
    }
}
