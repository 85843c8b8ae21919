package org.gatefold.backend.cuda.recurrent.fused;

import java.util.Locale;
import org.gatefold.backend.cuda.kernel.Operand;
import org.gatefold.op.Precision;

/** How fused steps multiply, as the operands of {@code common/tile_product.cuh} do. */
public enum FusedProduct {
    F32(Precision.F32, false, 0),
    TF32(Precision.TF32, true, 80),
    BF16(Precision.BF16, true, 80),
    F16(Precision.F16, true, 75),
    /** F32 by tensor cores: of numbers in two parts of TF32 each, three products. */
    TF32X3(Precision.F32, true, 80);

    private final Precision precision;
    private final boolean tensorCores;
    private final int capability;

    FusedProduct(Precision precision, boolean tensorCores, int capability) {
        this.precision = precision;
        this.tensorCores = tensorCores;
        this.capability = capability;
    }

    /** The one whose operands are rounded to a precision and multiplied as they are. */
    public static FusedProduct of(Precision precision) {
        return switch (precision) {
            case F32 -> F32;
            case TF32 -> TF32;
            case BF16 -> BF16;
            case F16 -> F16;
        };
    }

    /** What it is for. */
    Precision precision() {
        return precision;
    }

    /** Whether operands stand in the order of tensor cores, not of ordinary arithmetic. */
    public boolean tensorCores() {
        return tensorCores;
    }

    /** The compute capability that it needs, times ten. */
    int capability() {
        return capability;
    }

    /** Bytes of a number of an operand. */
    int bytes() {
        return Operand.of(precision).bytes();
    }

    /** The kernel that multiplies so. */
    String kernel(String name) {
        return name + "_" + name().toLowerCase(Locale.ROOT);
    }
}
