package org.gatefold.backend.cuda.cudnn;

import java.util.Optional;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnMathType;
import org.gatefold.op.Precision;

/** In what form cuDNN gets numbers, and how it multiplies them; it adds in binary32 in every case. */
enum CudnnType {
    /** Binary32; FMA_MATH, because DEFAULT_MATH may take TF32 on cards that have it. */
    F32(Precision.F32, cudnnDataType.CUDNN_DATA_FLOAT, cudnnMathType.CUDNN_FMA_MATH, Float.BYTES, "f32"),
    TF32(Precision.TF32, cudnnDataType.CUDNN_DATA_FLOAT, cudnnMathType.CUDNN_DEFAULT_MATH, Float.BYTES, "f32"),
    /** Everything that cuDNN reads and writes is in binary16, states and gradients too. */
    F16(Precision.F16, cudnnDataType.CUDNN_DATA_HALF, cudnnMathType.CUDNN_TENSOR_OP_MATH, Short.BYTES, "f16");

    private final Precision precision;
    private final int dataType;
    private final int mathType;
    private final int bytes;
    private final String suffix;

    CudnnType(Precision precision, int dataType, int mathType, int bytes, String suffix) {
        this.precision = precision;
        this.dataType = dataType;
        this.mathType = mathType;
        this.bytes = bytes;
        this.suffix = suffix;
    }

    /** The type that serves a precision, if one does. */
    static Optional<CudnnType> of(Precision precision) {
        for (CudnnType type : values()) {
            if (type.precision == precision) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** A {@code cudnnDataType}: of sequences, states and weights. */
    int dataType() {
        return dataType;
    }

    /** A {@code cudnnDataType}: of what is computed with. */
    int mathPrecision() {
        return cudnnDataType.CUDNN_DATA_FLOAT;
    }

    /** A {@code cudnnMathType}. */
    int mathType() {
        return mathType;
    }

    /** Bytes of an element. */
    int bytes() {
        return bytes;
    }

    /** How kernels that read or write such elements are called. */
    String suffix() {
        return suffix;
    }

    /** True if elements are those of Gatefold's tensors, so that cuDNN can work where they lie. */
    boolean isFloat() {
        return bytes == Float.BYTES;
    }
}
